import { Trans, useLingui } from "@lingui/react/macro";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { SignInForms } from "../account/SignInForms";
import { usePerson } from "../account/session";
import { ask, asking } from "../graph/ask";
import { type PlacedOrderFragment, QuoteRefundDocument, RefundOrderDocument, ShowOrderDocument } from "../graph/generated/graphql";
import { freshKey } from "../graph/keys";
import { Button, buttonLook } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { Field } from "../ui/Field";
import { Notice } from "../ui/Notice";
import { useFormats } from "../words/useFormats";
import styles from "./RefundPage.module.css";

/** Gives tickets back: which of them, and what comes back for them, before anything is done. */
export function RefundPage() {
  const { t } = useLingui();
  const { order: id } = useParams({ from: "/orders/$order/refund" });
  const person = usePerson();
  const { data, error, refetch } = useQuery({
    queryKey: ["order", id],
    ...asking(ShowOrderDocument, { id }),
    enabled: person !== null,
  });
  useEffect(() => {
    document.title = `${t`Give tickets back`} – Odysseus`;
  }, [t]);
  const order = data?.order;
  return (
    <div className="page narrow" aria-busy={person !== null && !data && !error}>
      <h1>
        <Trans>Give tickets back</Trans>
      </h1>
      <br />
      {!person && <SignInForms guests={false} onDone={() => refetch()} />}
      {error && !data && <Failure error={error} again={() => refetch()} />}
      {data && !order && (
        <Notice>
          <p>
            <Trans>There is no such order of yours.</Trans>
          </p>
        </Notice>
      )}
      {order && <Choice order={order} />}
    </div>
  );
}

function Choice({ order }: { order: PlacedOrderFragment }) {
  const { t } = useLingui();
  const format = useFormats();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { id, event, tickets, refundPolicy } = order;
  const returnable = tickets.filter(({ status }) => status === "VALID");
  const [without, setWithout] = useState<ReadonlySet<string>>(new Set());
  const chosen = returnable.map((ticket) => ticket.id).filter((ticket) => !without.has(ticket));
  const [reason, setReason] = useState("");
  const key = useRef(freshKey());
  const quote = useQuery({
    queryKey: ["order", id, "quote", chosen],
    ...asking(QuoteRefundDocument, { id, ticketIds: chosen }),
    enabled: chosen.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const giveBack = useMutation({
    mutationFn: () =>
      ask(RefundOrderDocument, {
        input: { orderId: id, ticketIds: chosen, idempotencyKey: key.current, ...(reason.trim() ? { reason: reason.trim() } : {}) },
      }),
    onSuccess: ({ refundOrder }) => {
      if (refundOrder) client.setQueryData(["order", id], { order: refundOrder });
      return navigate({ to: "/orders/$order", params: { order: id } });
    },
    onError: () => {
      key.current = freshKey();
    },
  });
  const told = chosen.length > 0 ? quote.data?.order?.refundQuote : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (told?.allowed) giveBack.mutate();
  };
  if (returnable.length === 0) {
    return (
      <Notice look="calm">
        <p>
          <Trans>No ticket of this order can be given back any more.</Trans>
        </p>
        <Link to="/orders/$order" params={{ order: id }} className={buttonLook("quiet")}>
          <Trans>To the order</Trans>
        </Link>
      </Notice>
    );
  }
  const amount = told ? format.money(told.total.total) : "";
  return (
    <form className={styles.form} onSubmit={submit}>
      {event && (
        <p>
          <strong>{event.title}</strong>
          <br />
          {format.date(event.startsAt, event.timezone)}
        </p>
      )}
      <fieldset className={styles.tickets}>
        <legend>
          <Trans>Which tickets?</Trans>
        </legend>
        {returnable.map(({ id: ticket, holderName, ticketType, seat, price }) => (
          <label key={ticket}>
            <input
              type="checkbox"
              checked={!without.has(ticket)}
              onChange={({ target }) => {
                const next = new Set(without);
                if (target.checked) next.delete(ticket);
                else next.add(ticket);
                setWithout(next);
              }}
            />
            <span>
              <strong>{seat ? `${seat.section} ${seat.row}–${seat.number}` : ticketType.name}</strong>
              <span className="soft">{holderName}</span>
            </span>
            <span className="numbers">{format.money(price.total)}</span>
          </label>
        ))}
      </fieldset>
      <Field label={t`Why? (if you like)`} value={reason} maxLength={500} onChange={({ target }) => setReason(target.value)} />
      <div aria-live="polite" aria-busy={quote.isFetching} className={styles.quote}>
        {chosen.length === 0 && <Trans>Choose at least one ticket.</Trans>}
        {quote.error && <Failure error={quote.error} again={() => quote.refetch()} />}
        {told?.allowed && (
          <>
            <p>
              <Trans>You get back</Trans> <strong data-testid="refund">{amount}</strong>
            </p>
            {told.validUntil && event && (
              <p className="soft">
                <Trans>That holds until {format.date(told.validUntil, event.timezone)}.</Trans>
              </p>
            )}
          </>
        )}
        {told && !told.allowed && (
          <Notice>
            <p>{told.reason}</p>
          </Notice>
        )}
        <p className="soft">{refundPolicy.description}</p>
      </div>
      {giveBack.error && <Failure error={giveBack.error} />}
      <p>
        <Trans>The tickets stop admitting at once. The money goes the way it came, which takes the bank some days.</Trans>
      </p>
      <div className={styles.ways}>
        <Button type="submit" isDisabled={!told?.allowed || giveBack.isPending || quote.isPlaceholderData}>
          {giveBack.isPending ? <Trans>Giving back…</Trans> : <Trans>Give back for {amount}</Trans>}
        </Button>
        <Link to="/orders/$order" params={{ order: id }} className={buttonLook("quiet")}>
          <Trans>Keep them</Trans>
        </Link>
      </div>
    </form>
  );
}
