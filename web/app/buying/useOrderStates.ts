import { useLingui } from "@lingui/react/macro";
import type { OrderStatus } from "../graph/generated/graphql";

/** How the states of an order are called; one that is newer than this page has its name from the graph. */
export function useOrderStates(): (status: OrderStatus) => string {
  const { t } = useLingui();
  const names: Record<OrderStatus, string> = {
    AWAITING_PAYMENT: t`To be paid`,
    PAID: t`Paid, tickets follow`,
    COMPLETED: t`Complete`,
    PAYMENT_FAILED: t`Payment declined`,
    EXPIRED: t`Expired`,
    CANCELLED: t`Given up`,
    PARTIALLY_REFUNDED: t`Partly given back`,
    REFUNDED: t`Given back`,
  };
  return (status) => names[status] ?? status;
}
