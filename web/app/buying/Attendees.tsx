import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { usePerson } from "../account/session";
import { ask, isFinal } from "../graph/ask";
import { type CartFragment, CheckOutCartDocument } from "../graph/generated/graphql";
import { freshKey } from "../graph/keys";
import { GraphError } from "../graph/transport";
import { Button } from "../ui/Button";
import { Refused } from "../ui/Failure";
import { Field } from "../ui/Field";
import { isZero } from "../ui/money";
import { useFormats } from "../words/useFormats";
import styles from "./Attendees.module.css";
import { dropBasket } from "./basket";
import { ContactFields, contactOf } from "./ContactFields";
import { TermsBox } from "./TermsBox";

/** After these what is shown is not what there is any more. */
const OUTDATED: (string | null)[] = ["RESERVATION_EXPIRED", "TERMS_NOT_ACCEPTED"];
/** What was typed for an event: it outlives a reservation whose time ran out. */
const typed = new Map<string, Record<string, string>>();

/** For whom the tickets are. With that it is ordered. */
export function Attendees({ reservation, onOver }: { reservation: CartFragment; onOver: () => void }) {
  const { t } = useLingui();
  const format = useFormats();
  const person = usePerson();
  const navigate = useNavigate();
  const [apart, setApart] = useState(false);
  const [elsewhere, setElsewhere] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const sent = useRef({ input: "", key: "" });
  const places = reservation.items.flatMap(({ ticketType, seat, quantity }) =>
    Array.from({ length: quantity }, () => (seat ? `${ticketType.name} ${seat.row}–${seat.number}` : ticketType.name)),
  );
  const about = reservation.event?.id ?? "";
  const terms = reservation.event?.salesTerms;
  const before = typed.get(about) ?? {};
  const note = (event: FormEvent<HTMLFormElement>) => {
    const fields = [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]);
    typed.set(about, { ...typed.get(about), ...Object.fromEntries(fields) });
  };
  const shown = apart ? places.length : 1;

  const goTo = (order: string) => {
    dropBasket(reservation.id);
    return navigate({ to: "/orders/$order", params: { order } });
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const attendees = places.map((_, at) => {
      const of = apart ? at : 0;
      return { name: String(form.get(`name ${of}`) ?? "").trim(), email: String(form.get(`email ${of}`) ?? "").trim() };
    });
    setBusy(true);
    setError(null);
    const wish = {
      attendees,
      ...(elsewhere && { contact: contactOf(form) }),
      ...(terms && { acceptedTermsVersion: terms.version }),
    };
    const input = JSON.stringify(wish);
    if (sent.current.input !== input) sent.current = { input, key: freshKey() };
    try {
      const { checkout } = await ask(CheckOutCartDocument, {
        input: { reservationId: reservation.id, ...wish, idempotencyKey: sent.current.key },
      });
      if (!checkout) return;
      typed.delete(about);
      await goTo(checkout.id);
    } catch (refused) {
      // What got no answer may have arrived: it is sent again as the same.
      if (isFinal(refused)) sent.current = { input: "", key: "" };
      // Another tab was faster.
      const { orderId } = refused instanceof GraphError ? refused.details : {};
      if (typeof orderId === "string") return await goTo(orderId);
      setError(refused);
      // Time ran out, or the organizer has other terms by now.
      if (refused instanceof GraphError && [refused.code, refused.reason].some((why) => OUTDATED.includes(why))) onOver();
    } finally {
      setBusy(false);
    }
  };
  const total = format.money(reservation.total.total);
  return (
    <form className={styles.form} onSubmit={submit} onInput={note}>
      <h2>{places.length === 1 ? <Trans>Who is the ticket for?</Trans> : <Trans>Who are the tickets for?</Trans>}</h2>
      {Array.from({ length: shown }, (_, at) => (
        <fieldset key={`${at}`} className={styles.person}>
          <legend className={apart ? styles.place : "aside"}>{apart ? places[at] : t`Name on the tickets`}</legend>
          <Field
            label={t`Name`}
            name={`name ${at}`}
            autoComplete={at === 0 ? "name" : "off"}
            required
            maxLength={100}
            defaultValue={before[`name ${at}`] ?? person?.name ?? ""}
          />
          <Field
            label={t`E-mail`}
            name={`email ${at}`}
            type="email"
            autoComplete={at === 0 ? "email" : "off"}
            required
            defaultValue={before[`email ${at}`] ?? person?.email ?? ""}
          />
        </fieldset>
      ))}
      {places.length > 1 && (
        <label className={styles.apart}>
          <input type="checkbox" checked={apart} onChange={({ target }) => setApart(target.checked)} />
          <Trans>A name for each ticket</Trans>
        </label>
      )}
      <label className={styles.apart}>
        <input type="checkbox" checked={elsewhere} onChange={({ target }) => setElsewhere(target.checked)} />
        <Trans>Mails about the order go to somebody else</Trans>
      </label>
      {elsewhere && <ContactFields before={before} />}
      {terms && <TermsBox key={terms.version} terms={terms} />}
      {error !== null && <Refused error={error} />}
      <Button type="submit" isDisabled={busy}>
        {isZero(reservation.total.total) ? <Trans>Order for free</Trans> : <Trans>Order for {total}</Trans>}
      </Button>
      <p className="soft">
        <Trans>You pay in the next step.</Trans>
      </p>
    </form>
  );
}
