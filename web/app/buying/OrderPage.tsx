import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { CalendarPlus, Check, FileText, Timer, Undo2, X } from "lucide-react";
import { useCallback, useEffect } from "react";
import { SignInForms } from "../account/SignInForms";
import { usePerson } from "../account/session";
import { here } from "../graph/addresses";
import { ask, asking } from "../graph/ask";
import {
  CancelOrderDocument,
  FollowOrderDocument,
  type OrderStepKind,
  type PlacedOrderFragment,
  ShowOrderDocument,
} from "../graph/generated/graphql";
import { follow } from "../graph/live";
import { Button, buttonLook } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { Notice } from "../ui/Notice";
import { useStatus } from "../ui/useStatus";
import { useFormats } from "../words/useFormats";
import { Bill } from "./Bill";
import styles from "./OrderPage.module.css";
import { PrintedTicket } from "./PrintedTicket";
import { Payment } from "./paying/Payment";
import { Countdown } from "./TimeLeft";
import { useOrderStates } from "./useOrderStates";
import { useOrderSteps } from "./useOrderSteps";

const SETBACKS: OrderStepKind[] = ["PAYMENT_DECLINED", "EXPIRED", "CANCELLED", "REFUND_FAILED", "DISPUTED", "DISPUTE_LOST"];

export function OrderPage() {
  const { t } = useLingui();
  const { order: id } = useParams({ from: "/orders/$order" });
  const person = usePerson();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: ["order", id],
    ...asking(ShowOrderDocument, { id }),
    enabled: person !== null,
    staleTime: 0,
  });
  useEffect(() => {
    if (!person) return undefined;
    return follow(FollowOrderDocument, { id }, ({ orderChanged }) => client.setQueryData(["order", id], { order: orderChanged }));
  }, [id, client, person]);
  useEffect(() => {
    document.title = `${t`Order`} – Odysseus`;
    // What the payment's page has added to the address.
    if (location.search) navigate({ to: "/orders/$order", params: { order: id }, search: {}, replace: true });
  }, [t, id, navigate]);
  const order = data?.order;
  if (!person) {
    return (
      <div className="page narrow">
        <h1>
          <Trans>Your order</Trans>
        </h1>
        <br />
        <SignInForms guests={false} onDone={() => refetch()} />
      </div>
    );
  }
  return (
    <div className="page" aria-busy={!data && !error}>
      {error && !data && <Failure error={error} again={() => refetch()} />}
      {data && !order && (
        <>
          <h1>
            <Trans>Your order</Trans>
          </h1>
          <br />
          <Notice>
            <p>
              <Trans>There is no such order of yours.</Trans>
            </p>
            <Link to="/orders" className={buttonLook("quiet")}>
              <Trans>My orders</Trans>
            </Link>
          </Notice>
        </>
      )}
      {order && <Shown order={order} refetch={refetch} />}
    </div>
  );
}

function Shown({ order, refetch }: { order: PlacedOrderFragment; refetch: () => void }) {
  const { t } = useLingui();
  const say = useStatus();
  const stateOf = useOrderStates();
  const wordsOf = useOrderSteps();
  const format = useFormats();
  const { number, status, event, tickets } = order;
  const state = stateOf(status);
  const mailed = order.contact?.email;
  const open = status === "AWAITING_PAYMENT" || status === "PAYMENT_FAILED";
  useEffect(() => say(t`Order ${number}: ${state}`), [say, t, number, state]);
  return (
    <>
      <p className="soft">
        <Trans>Order {number}</Trans>
      </p>
      <h1 data-testid="order-state" data-status={status}>
        <Heading order={order} />
      </h1>
      {event && (
        <p className={styles.event}>
          <Link to="/events/$event" params={{ event: event.slug }}>
            {event.title}
          </Link>
          <br />
          {format.date(event.startsAt, event.timezone, "long")}
          <br />
          {event.venue.name}, {event.venue.address.formatted.join(", ")}
        </p>
      )}
      {open && <ToPay order={order} refetch={refetch} />}
      {status === "PAID" && (
        <p className={styles.waiting}>
          <Trans>Your payment has arrived. The tickets are being issued.</Trans>
        </p>
      )}
      {(status === "EXPIRED" || status === "CANCELLED") && event && (
        <p className={styles.again}>
          <Trans>Nothing was charged.</Trans>{" "}
          <Link to="/events/$event" params={{ event: event.slug }} className={buttonLook()}>
            <Trans>Choose again</Trans>
          </Link>
        </p>
      )}
      {tickets.length > 0 && (
        <section aria-label={t`Tickets`}>
          <ul className={styles.tickets}>
            {tickets.map((ticket) => (
              <PrintedTicket key={ticket.id} ticket={ticket} event={event ?? null} />
            ))}
          </ul>
          <div className={styles.ways}>
            {event && (
              <a className={buttonLook("quiet")} href={`/api/events/v1/events/${event.slug}/calendar.ics`} download>
                <CalendarPlus aria-hidden />
                <Trans>Into the calendar</Trans>
              </a>
            )}
            {order.invoices?.map(
              ({ id, number, kind, pdfUrl }) =>
                pdfUrl && (
                  <a key={id} className={buttonLook("quiet")} href={here(pdfUrl)} target="_blank" rel="noreferrer">
                    <FileText aria-hidden />
                    {kind === "INVOICE" ? <Trans>Invoice {number}</Trans> : <Trans>Credit note {number}</Trans>}
                  </a>
                ),
            )}
            {tickets.some((ticket) => ticket.status === "VALID") && (
              <Link to="/orders/$order/refund" params={{ order: order.id }} className={buttonLook("quiet")}>
                <Undo2 aria-hidden />
                <Trans>Give tickets back</Trans>
              </Link>
            )}
          </div>
        </section>
      )}
      {!open && (
        <div className={styles.below}>
          <div className={styles.money}>
            <Bill items={order.items} total={order.total} />
            <GivenBack order={order} />
            {mailed && (
              <p className="soft">
                <Trans>Mails about this order go to {mailed}.</Trans>
              </p>
            )}
          </div>
          <ol className={styles.steps}>
            {order.history.map((step) => (
              <li key={`${step.at} ${step.kind}`}>
                {SETBACKS.includes(step.kind) ? <X aria-hidden className={styles.setback} /> : <Check aria-hidden />}
                <span>{wordsOf(step)}</span>
              </li>
            ))}
          </ol>
        </div>
      )}
    </>
  );
}

function GivenBack({ order: { payment } }: { order: PlacedOrderFragment }) {
  const format = useFormats();
  if (!payment || payment.refunds.length === 0) return null;
  return (
    <ul className={styles.refunds}>
      {payment.refunds.map(({ id, status, reason, amount }) => {
        const much = format.money(amount);
        return (
          <li key={id}>
            {status === "SUCCEEDED" && <Trans>{much} went back to you.</Trans>}
            {status === "PENDING" && <Trans>{much} is on its way back to you.</Trans>}
            {status === "FAILED" && <Trans>{much} could not be sent back. We look into it.</Trans>} <span className="soft">{reason}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Heading({ order: { status, tickets } }: { order: PlacedOrderFragment }) {
  const stateOf = useOrderStates();
  switch (status) {
    case "AWAITING_PAYMENT":
      return <Trans>Now pay</Trans>;
    case "PAYMENT_FAILED":
      return <Trans>The card was declined</Trans>;
    case "PAID":
      return <Trans>Paid. One moment…</Trans>;
    case "COMPLETED":
      return tickets.length > 1 ? <Trans>Here are your tickets</Trans> : <Trans>Here is your ticket</Trans>;
    default:
      return stateOf(status);
  }
}

function ToPay({ order, refetch }: { order: PlacedOrderFragment; refetch: () => void }) {
  const { id, expiresAt } = order;
  const { t } = useLingui();
  const over = useCallback(() => {
    refetch();
  }, [refetch]);
  const giveUp = useMutation({ mutationFn: () => ask(CancelOrderDocument, { id }), onSuccess: refetch });
  return (
    <div className={styles.pay}>
      <div className={styles.what}>
        {expiresAt && (
          <p className={styles.clock}>
            <Timer aria-hidden />
            <Trans>
              Pay within{" "}
              <strong>
                <Countdown until={expiresAt} onOver={over} advice={t`Pay now to keep your places.`} />
              </strong>
            </Trans>
          </p>
        )}
        <Bill items={order.items} total={order.total} />
        <Button look="plain" isDisabled={giveUp.isPending} onPress={() => giveUp.mutate()}>
          <Trans>Give this order up</Trans>
        </Button>
        {giveUp.error && <Failure error={giveUp.error} />}
      </div>
      <Payment order={order} />
    </div>
  );
}
