import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { asking } from "../../graph/ask";
import { type PlacedOrderFragment, ShowPaymentSettingsDocument } from "../../graph/generated/graphql";
import { Failure } from "../../ui/Failure";
import { PaymentPage } from "./PaymentPage";
import { TestCards } from "./TestCards";

const CardForm = lazy(async () => ({ default: (await import("./CardForm")).CardForm }));

/** The key of the platform's own stand-in for the payment provider begins so. */
const SANDBOX = "pk_sandbox";

/**
 * Pays an order: with a test card where the sandbox stands in, by the payment provider's own fields where browsers speak to
 * it, and otherwise on its page.
 */
export function Payment({ order }: { order: PlacedOrderFragment }) {
  const settings = useQuery({
    queryKey: ["payment settings"],
    ...asking(ShowPaymentSettingsDocument, {}),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (settings.error && !settings.data) return <Failure error={settings.error} again={() => settings.refetch()} />;
  if (!settings.data) return <div aria-busy="true" />;
  const key = settings.data.paymentSettings?.publishableKey;
  if (!key) return <PaymentPage order={order} />;
  if (key.startsWith(SANDBOX)) return <TestCards order={order} />;
  return (
    <Suspense fallback={<div aria-busy="true" />}>
      <CardForm order={order} publishableKey={key} />
    </Suspense>
  );
}
