import { useLingui } from "@lingui/react/macro";
import type { OrderStepKind, PlacedOrderFragment } from "../graph/generated/graphql";

/**
 * What happened to an order, in the words of the page. The graph tells it in English, with its amounts and reasons, which
 * whoever reads English is shown; the bill and the tickets beside it have them too.
 */
export function useOrderSteps(): (step: PlacedOrderFragment["history"][number]) => string {
  const { t, i18n } = useLingui();
  const words: Record<OrderStepKind, string> = {
    PLACED: t`The order was placed.`,
    SEATS_SECURED: t`Your places are kept for you.`,
    PAYMENT_DECLINED: t`The payment was declined. Try again, or with another card.`,
    PAID: t`The payment has arrived.`,
    TICKETS_ISSUED: t`Your tickets are issued.`,
    CONFIRMATION_SENT: t`The mail with your tickets is on its way.`,
    EXPIRED: t`The time to pay was over. The places are free again.`,
    CANCELLED: t`The order has ended before it was paid.`,
    REFUND_STARTED: t`Money is on its way back to you.`,
    REFUNDED: t`Money went back to you.`,
    REFUND_FAILED: t`The money could not go back to you. Your tickets are valid as before.`,
    RESCHEDULED: t`The event has another time. Your tickets stay valid.`,
    TRANSFERRED: t`A ticket was passed on to somebody else.`,
    DISPUTED: t`The payment is disputed at your bank.`,
    DISPUTE_WON: t`Your bank has decided: the payment stands.`,
    DISPUTE_LOST: t`Your bank has decided: you keep the money.`,
    CLAIMED: t`The order was taken into an account.`,
  };
  return ({ kind, message }) => (i18n.locale === "en" ? message : (words[kind] ?? message));
}
