import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";
import type { GraphError } from "../graph/transport";
import { regional } from "./languages";

/** What a refusal tells besides its reason, as it is read. */
type Told = { wait: string; limit: string; available: string };

/**
 * What the graph refuses, in the words of the page. The graph speaks English, and of input by the names that programs use; its
 * reasons are the same for all.
 */
const WORDS: Record<string, (told: Told) => string> = {
  // Whoever signs in.
  WRONG_CREDENTIALS: () => t`The address or the password is wrong.`,
  WRONG_CODE: () => t`This code is wrong, was used before, or its time is over.`,
  CODE_WRONG: () => t`This code is wrong, was used before, or its time is over.`,
  WRONG_PASSKEY: () => t`This passkey is not known here. Try again, or sign in by your password.`,
  PASSKEY_WRONG: () => t`This passkey is not known here.`,
  PASSKEY_TAKEN: () => t`This passkey belongs to an account already.`,
  PASSKEYS_UNAVAILABLE: () => t`There are no passkeys at this address, since it is a number.`,
  SIGN_IN_OVER: () => t`That took too long, or was done before. Begin once more.`,
  CHALLENGE_OVER: () => t`That took too long, or was done before. Begin once more.`,
  PROVIDER_REFUSED: () => t`The other account was not confirmed there.`,
  LOG_IN_TO_LINK: () =>
    t`There is an account with your address here. Sign in to it by its password first; then link the other account on the page about security.`,
  FOREIGN_ACCOUNT_TAKEN: () => t`This account elsewhere opens another account here already.`,
  FOREIGN_ADDRESS_MISSING: () => t`The other account does not tell your address. Allow it there, or register here.`,
  LOGIN_REQUIRED: () => t`Sign in first.`,
  SESSION_ENDED: () => t`You were signed out. Sign in once more.`,
  TOKEN_EXPIRED: () => t`You were signed out. Sign in once more.`,
  TOKEN_INVALID: () => t`You were signed out. Sign in once more.`,
  REFRESH_TOKEN_EXPIRED: () => t`You were signed out. Sign in once more.`,
  REFRESH_TOKEN_INVALID: () => t`You were signed out. Sign in once more.`,
  REFRESH_TOKEN_REUSED: () => t`You were signed out. Sign in once more.`,
  TOO_MANY_WRONG_PASSWORDS: ({ wait }) => t`There were too many wrong passwords. Try again in ${wait}.`,
  TOO_MANY_WRONG_CODES: () => t`There were too many wrong codes. A recovery code or a passkey still works.`,
  // An account and what guards it.
  PASSWORD_WRONG: () => t`This is not your password.`,
  TOO_EASY_TO_GUESS: () => t`This is among the first that others would try.`,
  EMAIL_TAKEN: () => t`There is an account with this address already.`,
  EMAIL_NOT_VERIFIED: () => t`Confirm your address first, by the link in the mail that we have sent there.`,
  ACCOUNT_REQUIRED: () => t`This takes an account with a password.`,
  INVITED_ANOTHER_ADDRESS: () => t`The invitation went to another address than yours.`,
  LAST_OWNER: () => t`You are the last owner of an organization. Make somebody else an owner first.`,
  MAIL_SENT_RECENTLY: () => t`A mail was sent there not long ago. Look for it, and ask again later.`,
  TOO_MANY_SECOND_FACTORS: () => t`There are as many as there can be. Remove one first.`,
  CANNOT_BE_SWITCHED_OFF: () => t`This is always told.`,
  NO_SUCH_LINK: () => t`This link is not good any more: it was used, its time is over, or there is a newer one.`,
  NO_SUCH_INVITATION: () => t`This invitation is not good any more.`,
  OWNER_ONLY: () => t`This belongs to somebody else.`,
  // Input.
  REQUIRED: () => t`This is missing.`,
  TOO_LONG: () => t`This is too long.`,
  TOO_SHORT: () => t`This is too short.`,
  MALFORMED: () => t`This cannot be read. Look whether it is typed as it has to be.`,
  FORBIDDEN_CHARACTERS: () => t`This has characters that cannot be here.`,
  // Buying.
  SEATS_TAKEN: () => t`Somebody was faster: some of these seats are taken.`,
  FEWER_LEFT: ({ available }) => (available ? t`Only ${available} are left.` : t`Fewer are left than that.`),
  NOT_SIDE_BY_SIDE: () => t`There are as many, but not side by side.`,
  SOLD_OUT: () => t`Nothing of it is left.`,
  HOLD_RAN_OUT: () => t`Your time is over, and the places are free again.`,
  TIME_TO_PAY_OVER: () => t`The time to pay is over, and the places are free again.`,
  OFFER_RAN_OUT: () => t`The time of this offer is over; it went to the next.`,
  SALES_ENDED: () => t`It is not sold any more.`,
  NOT_YET_OPEN: () => t`It is not sold yet.`,
  PLACES_BEING_PREPARED: () => t`The places are being prepared; it takes moments.`,
  EVENT_CANCELLED: () => t`The event was called off.`,
  EVENT_POSTPONED: () => t`The event was put off, and has no new date yet.`,
  EVENT_OVER: () => t`The event is over.`,
  EVENT_BEGUN: () => t`The event has begun.`,
  LIMIT_PER_BUYER: ({ limit }) => t`Nobody can have more than ${limit} of these.`,
  TOO_MANY_OPEN_PLACES: ({ limit }) => t`Nobody can hold more than ${limit} places at once.`,
  TOO_MANY_AT_ONCE: ({ limit }) => t`Not more than ${limit} at once.`,
  INSUFFICIENT_FUNDS: () => t`The card has too little money.`,
  CARD_EXPIRED: () => t`The card has expired.`,
  CARD_DECLINED: () => t`The bank has declined this card. Nothing was charged.`,
  WRONG_SECURITY_CODE: () => t`The security code of the card is wrong.`,
  AUTHENTICATION_FAILED: () => t`Your bank could not confirm that the card is yours.`,
  TOO_MANY_PAYMENT_ATTEMPTS: ({ wait }) => t`Too many cards were declined. Try again in ${wait}.`,
  PAYMENT_UNDER_WAY: () => t`A payment is under way already.`,
  PAID_ALREADY: () => t`It is paid already.`,
  OUTCOME_UNKNOWN: () => t`The bank has not answered yet. Nothing is charged twice.`,
  PAYMENT_PROVIDER_DOWN: () => t`Payments do not work just now. Nothing was charged.`,
  PAYMENT_NOT_CARRIED_OUT: () => t`The payment could not be carried out. Nothing was charged.`,
  REFUNDS_OVER: () => t`The time in which these tickets can be given back is over.`,
  NO_REFUNDS: () => t`These tickets cannot be given back.`,
  TICKET_USED: () => t`Somebody went in with this ticket.`,
  TICKET_PASSED_ON: () => t`This ticket was passed on.`,
  TICKET_REFUNDED: () => t`The money for this ticket went back.`,
  TICKET_GOING_BACK: () => t`The money for this ticket is going back.`,
  TOO_MANY_TRANSFERS: ({ limit }) => t`This ticket was passed on ${limit} times, as often as one can be.`,
  ORDER_HAS_ACCOUNT: () => t`This order is in an account already. Sign in with that one to see it.`,
  ORDER_NOT_PAID: () => t`This order is not paid yet.`,
  NO_ACCOUNT_YET: () => t`You are here as a guest. Sign in or register first.`,
  TERMS_NOT_ACCEPTED: () => t`The organizer's terms are to be accepted as they are now. Read them, and say so.`,
  // Whatever is asked.
  TOO_MANY_REQUESTS: ({ wait }) => t`That was too much at once. Try again in ${wait}.`,
  OVERLOADED: () => t`Too many are here just now. Try again in a moment.`,
  NOT_READY_YET: () => t`This is being prepared. Try again in a moment.`,
  TEMPORARILY_DOWN: () => t`A part of the shop does not answer just now. Try again in a moment.`,
  TOOK_TOO_LONG: () => t`That took too long. Look whether it was done before you try again.`,
  UNREACHABLE: () => t`The shop does not answer. Look whether you are connected.`,
  FAULT: () => t`Something went wrong on our side.`,
};

/** Input's name in front of what is wrong with it, which is for programs. */
const NAME = /^[\w.[\]]+: (\S)/;
/** Longer is told in minutes. */
const MANY_SECONDS = 90;

/** A refusal as a reader understands it: in the words of the graph, where these are of the reader's language and tell more. */
export function refusalWords({ reason, code, message, details }: GraphError): string {
  const forPrograms = code === "BAD_USER_INPUT" && NAME.test(message);
  const words = WORDS[reason ?? code];
  if (words && (forPrograms || i18n.locale !== "en")) return words(told(details));
  return forPrograms ? message.replace(NAME, (_, first: string) => first.toUpperCase()) : message;
}

function told({ retryAfterSeconds, limit, available }: Record<string, unknown>): Told {
  const locale = regional(i18n.locale);
  const number = (value: unknown) => (typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : "");
  const seconds = typeof retryAfterSeconds === "number" ? retryAfterSeconds : MANY_SECONDS;
  const [value, unit] = seconds > MANY_SECONDS ? [Math.ceil(seconds / 60), "minute"] : [seconds, "second"];
  const wait = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(value);
  return { wait, limit: number(limit), available: number(available) };
}
