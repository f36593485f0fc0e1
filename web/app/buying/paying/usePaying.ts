import { useEffect, useRef, useState } from "react";
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
 * Pays an order. What got no answer may have arrived all the same: the same wish is sent again as the same, so that it is
 * carried out once.
 */
export function usePaying(order: PlacedOrderFragment) {
  const [progress, setProgress] = useState<Progress>("ready");
  const [error, setError] = useState<unknown>(null);
  const unanswered = useRef({ wish: "", key: "" });
  const steps = order.history.length;
  // The bank declined what was under way: another card can be tried.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each decline is a step of its own
  useEffect(() => {
    if (order.status === "PAYMENT_FAILED") setProgress((now) => (now === "waiting" ? "ready" : now));
  }, [order.status, steps]);

  const pay = async (means: Means): Promise<Paid | null> => {
    const wish = JSON.stringify(means);
    if (unanswered.current.wish !== wish) unanswered.current = { wish, key: freshKey() };
    const { key } = unanswered.current;
    setProgress("sent");
    setError(null);
    try {
      const { pay } = await ask(PayOrderDocument, {
        input: { orderId: order.id, ...means, returnUrl: backTo(order), idempotencyKey: key },
      });
      unanswered.current = { wish: "", key: "" };
      setProgress(pay?.status === "SUCCEEDED" || pay?.status === "PENDING" ? "waiting" : "ready");
      return pay ?? null;
    } catch (refused) {
      if (isFinal(refused)) unanswered.current = { wish: "", key: "" };
      setError(refused);
      setProgress("ready");
      return null;
    }
  };
  return { progress, setProgress, error, setError, pay };
}
