import { Trans } from "@lingui/react/macro";
import { type FormEvent, useRef, useState } from "react";
import { here } from "../../graph/addresses";
import { ask, isFinal } from "../../graph/ask";
import { BeginPaymentPageDocument, type PlacedOrderFragment } from "../../graph/generated/graphql";
import { freshKey } from "../../graph/keys";
import { PayButton } from "./PayButton";
import styles from "./Payment.module.css";
import { Trouble } from "./Trouble";
import { backTo, type Progress } from "./usePaying";

/** Leads to the payment provider's own page, and back. */
export function PaymentPage({ order }: { order: PlacedOrderFragment }) {
  const [progress, setProgress] = useState<Progress>("ready");
  const [error, setError] = useState<unknown>(null);
  const key = useRef("");
  const go = async (event: FormEvent) => {
    event.preventDefault();
    setProgress("sent");
    setError(null);
    const back = backTo(order);
    key.current ||= freshKey();
    try {
      const { createCheckoutSession } = await ask(BeginPaymentPageDocument, {
        input: { orderId: order.id, successUrl: back, cancelUrl: back, idempotencyKey: key.current },
      });
      key.current = "";
      if (createCheckoutSession) return location.assign(here(createCheckoutSession.url));
    } catch (refused) {
      if (isFinal(refused)) key.current = "";
      setError(refused);
    }
    setProgress("ready");
  };
  return (
    <form className={styles.form} onSubmit={go}>
      <h2>
        <Trans>How do you pay?</Trans>
      </h2>
      <p>
        <Trans>You pay on the page of our payment provider, and come back here.</Trans>
      </p>
      <Trouble order={order} error={error} />
      <PayButton order={order} progress={progress} />
    </form>
  );
}
