import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { here } from "../graph/addresses";
import { ask, asking } from "../graph/ask";
import {
  BeginPaymentPageDocument,
  PayOrderDocument,
  type PlacedOrderFragment,
  ShowPaymentSettingsDocument,
} from "../graph/generated/graphql";
import { freshKey } from "../graph/keys";
import { Button } from "../ui/Button";
import { Failure, Refused } from "../ui/Failure";
import { Notice } from "../ui/Notice";
import { useFormats } from "../words/useFormats";
import styles from "./Payment.module.css";

/** The key of the platform's own stand-in for the payment provider begins so. */
const SANDBOX = "pk_sandbox";
type Method = { name: string; words: string; about: string };

/** Pays an order: with a test card where the sandbox stands in, or on the payment provider's own page. */
export function Payment({ order }: { order: PlacedOrderFragment }) {
  const settings = useQuery({
    queryKey: ["payment settings"],
    ...asking(ShowPaymentSettingsDocument, {}),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (settings.error) return <Failure error={settings.error} again={() => settings.refetch()} />;
  if (!settings.data) return <div aria-busy="true" />;
  const sandbox = settings.data.paymentSettings?.publishableKey?.startsWith(SANDBOX);
  return sandbox ? <TestCards order={order} /> : <PaymentPage order={order} />;
}

function TestCards({ order }: { order: PlacedOrderFragment }) {
  const { t } = useLingui();
  const format = useFormats();
  const methods: Method[] = [
    { name: "pm_card_visa", words: t`A card that pays`, about: t`Visa, ends in 4242` },
    {
      name: "pm_card_threeDSecure2Required",
      words: t`A card whose bank asks first`,
      about: t`You confirm on the bank's page, and come back.`,
    },
    { name: "pm_card_chargeDeclined", words: t`A card that is declined`, about: t`You can try another one.` },
    { name: "pm_card_chargeDeclinedInsufficientFunds", words: t`A card with too little money`, about: t`Declined, and it says why.` },
  ];
  const [method, setMethod] = useState("pm_card_visa");
  const [state, setState] = useState<"ready" | "sent" | "waiting">("ready");
  const [error, setError] = useState<unknown>(null);
  const pay = async (event: FormEvent) => {
    event.preventDefault();
    setState("sent");
    setError(null);
    try {
      const returnUrl = `${location.origin}/orders/${order.id}`;
      const { pay } = await ask(PayOrderDocument, {
        input: { orderId: order.id, paymentMethod: method, returnUrl, idempotencyKey: freshKey() },
      });
      if (pay?.status === "REQUIRES_ACTION" && pay.nextActionUrl) return location.assign(here(pay.nextActionUrl));
      // The order tells how it goes on.
      setState(pay?.status === "SUCCEEDED" || pay?.status === "PENDING" ? "waiting" : "ready");
    } catch (refused) {
      setError(refused);
      setState("ready");
    }
  };
  const total = format.money(order.total.total);
  const declined = order.status === "PAYMENT_FAILED" ? order.history.findLast(({ kind }) => kind === "PAYMENT_DECLINED") : null;
  return (
    <form className={styles.form} onSubmit={pay}>
      <h2>
        <Trans>How do you pay?</Trans>
      </h2>
      <p className="soft">
        <Trans>This is a test: no card is asked for, and no money moves.</Trans>
      </p>
      {error !== null ? (
        <Refused error={error} />
      ) : (
        declined && (
          <Notice>
            <p>{declined.message}</p>
          </Notice>
        )
      )}
      <fieldset className={styles.methods}>
        <legend className="aside">{t`Test cards`}</legend>
        {methods.map(({ name, words, about }) => (
          <label key={name}>
            <input type="radio" name="method" value={name} checked={method === name} onChange={() => setMethod(name)} />
            <span>
              <strong>{words}</strong>
              <span className="soft">{about}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Button type="submit" isDisabled={state !== "ready"}>
        {state === "ready" ? <Trans>Pay {total}</Trans> : <Trans>Paying…</Trans>}
      </Button>
    </form>
  );
}

function PaymentPage({ order }: { order: PlacedOrderFragment }) {
  const format = useFormats();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const go = async () => {
    setBusy(true);
    setError(null);
    const back = `${location.origin}/orders/${order.id}`;
    try {
      const { createCheckoutSession } = await ask(BeginPaymentPageDocument, {
        input: { orderId: order.id, successUrl: back, cancelUrl: back, idempotencyKey: freshKey() },
      });
      if (createCheckoutSession) return location.assign(here(createCheckoutSession.url));
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  const total = format.money(order.total.total);
  return (
    <div className={styles.form}>
      <h2>
        <Trans>How do you pay?</Trans>
      </h2>
      <p>
        <Trans>You pay on the page of our payment provider, and come back here.</Trans>
      </p>
      {error !== null && <Refused error={error} />}
      <Button isDisabled={busy} onPress={go}>
        <Trans>Pay {total}</Trans>
      </Button>
    </div>
  );
}
