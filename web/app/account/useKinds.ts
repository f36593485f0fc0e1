import { useLingui } from "@lingui/react/macro";
import type { NotificationKind } from "../graph/generated/graphql";

/** How kinds of messages are called; one that is newer than this page has its name from the graph. */
export function useKinds(): (kind: NotificationKind) => string {
  const { t } = useLingui();
  const names: Partial<Record<NotificationKind, string>> = {
    ORDER_CONFIRMED: t`Order complete, with its tickets`,
    TICKETS_RECEIVED: t`A ticket that somebody bought for you`,
    PAYMENT_DECLINED: t`Card declined`,
    ORDER_EXPIRED: t`Order expired before it was paid`,
    ORDER_REFUNDED: t`Money goes back`,
    EVENT_CANCELLED: t`Event called off`,
    EVENT_RESCHEDULED: t`Event moved`,
    ADDRESS_VERIFICATION: t`Confirming your address`,
    INVITATION: t`Invitation of an organizer`,
    PASSWORD_GUESSING: t`Somebody tries passwords on your account`,
    ADDRESS_TAKEN: t`Somebody registers with your address`,
    PAYMENT_DISPUTED: t`Payment disputed`,
  };
  return (kind) => names[kind] ?? kind.toLowerCase().replaceAll("_", " ");
}
