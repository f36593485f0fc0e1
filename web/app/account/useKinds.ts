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
    PAYMENT_DISPUTED: t`A buyer’s bank wants a payment back, for organizers`,
    TICKET_TRANSFERRED: t`A ticket is passed on`,
    EVENT_REMINDER: t`Reminder a day before the event`,
    WAITLIST_OFFER: t`Places that you wait for`,
    ADDRESS_UNREACHABLE: t`Mail to you does not arrive`,
    PASSWORD_RESET: t`The link for a new password`,
    PASSWORD_CHANGED: t`Your password was changed`,
    ADDRESS_CHANGE: t`Changing your address`,
    SECOND_FACTOR_CHANGED: t`Ways to sign in were changed`,
    ACCOUNT_DELETED: t`Your account was deleted`,
  };
  return (kind) => names[kind] ?? kind.toLowerCase().replaceAll("_", " ");
}
