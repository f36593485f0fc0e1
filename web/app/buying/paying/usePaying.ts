import { useCallback, useEffect, useRef, useState } from "react";
import { ask, isFinal } from "../../graph/ask";
import { PayOrderDocument, type PayOrderMutation, type PlacedOrderFragment } from "../../graph/generated/graphql";
import { freshKey } from "../../graph/keys";

export type Means = { paymentMethod: string } | { confirmationToken: string };
export type Paid = NonNullable<PayOrderMutation["pay"]>;
/** Nothing is under way; something is; it was sent, and the order tells how it goes on. */
export type Progress = "ready" | "sent" | "waiting";

/** Where the bank or the payment provider leads back to. */
export function backTo(order: PlacedOrderFragment): string {
  return `${location.origin}/orders/${order.id}`;
}

/**
 * Pays an order. What got no answer may have arrived all the same: it is sent again as the same, so that it is carried out
 * once, until something else is chosen.
 */
export function usePaying(order: PlacedOrderFragment) {
  const [progress, setProgress] = useState<Progress>("ready");
  const [error, setError] = useState<unknown>(null);
  const unanswered = useRef<{ means: Means; key: string } | null>(null);
  const steps = order.history.length;
  // The bank declined what was under way: another card can be tried.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each decline is a step of its own
  useEffect(() => {
    if (order.status === "PAYMENT_FAILED") setProgress((now) => (now === "waiting" ? "ready" : now));
  }, [order.status, steps]);

  /** Something else is chosen to pay with. */
  const forget = useCallback(() => {
    unanswered.current = null;
  }, []);
  /** Pays with what is chosen; null where it was not, and why is shown. */
  const pay = async (chosen: () => Promise<Means | null>): Promise<Paid | null> => {
    setProgress("sent");
    setError(null);
    let sent = unanswered.current;
    if (!sent) {
      const means = await chosen();
      if (!means) return null;
      sent = { means, key: freshKey() };
      unanswered.current = sent;
    }
    try {
      const { pay } = await ask(PayOrderDocument, {
        input: { orderId: order.id, ...sent.means, returnUrl: backTo(order), idempotencyKey: sent.key },
      });
      forget();
      setProgress(pay?.status === "SUCCEEDED" || pay?.status === "PENDING" ? "waiting" : "ready");
      return pay ?? null;
    } catch (refused) {
      if (isFinal(refused)) forget();
      setError(refused);
      setProgress("ready");
      return null;
    }
  };
  return { progress, setProgress, error, forget, pay };
}
