import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Timer } from "lucide-react";
import { useCallback, useEffect } from "react";
import { SignInForms } from "../account/SignInForms";
import { usePerson } from "../account/session";
import { ask } from "../graph/ask";
import { ReleaseReservationDocument, ShowReservationDocument, type ShowReservationQuery } from "../graph/generated/graphql";
import { Button, buttonLook } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { Notice } from "../ui/Notice";
import { useFormats } from "../words/useFormats";
import { Attendees } from "./Attendees";
import { Bill } from "./Bill";
import { dropBasket } from "./basket";
import styles from "./CartPage.module.css";
import { PromoCode } from "./PromoCode";
import { Countdown } from "./TimeLeft";

type Reservation = NonNullable<ShowReservationQuery["reservation"]>;

export function CartPage() {
  const { t } = useLingui();
  const { reservation: id } = useParams({ from: "/cart/$reservation" });
  const person = usePerson();
  const { data, error, refetch } = useQuery({
    queryKey: ["reservation", id, person?.email],
    queryFn: ({ signal }) => ask(ShowReservationDocument, { id }, signal),
    enabled: person !== null,
    staleTime: 0,
  });
  const look = useCallback(() => {
    refetch();
  }, [refetch]);
  useEffect(() => {
    document.title = `${t`Cart`} – Odysseus`;
  }, [t]);
  const reservation = data?.reservation;
  return (
    <div className="page" aria-busy={!data && !error}>
      <h1>
        <Trans>Your cart</Trans>
      </h1>
      <br />
      {!person && <SignInForms guests={false} onDone={look} />}
      {person && error && <Failure error={error} again={look} />}
      {person && data && !reservation && (
        <Notice>
          <p>
            <Trans>There is no such cart of yours.</Trans>
          </p>
        </Notice>
      )}
      {reservation &&
        (reservation.status === "ACTIVE" ? <Held reservation={reservation} onOver={look} /> : <Over reservation={reservation} />)}
    </div>
  );
}

function Held({ reservation, onOver }: { reservation: Reservation; onOver: () => void }) {
  const { id, event, expiresAt, items, total } = reservation;
  const format = useFormats();
  const navigate = useNavigate();
  const client = useQueryClient();
  const giveUp = useMutation({
    mutationFn: () => ask(ReleaseReservationDocument, { id }),
    onSuccess: () => {
      dropBasket(id);
      client.removeQueries({ queryKey: ["reservation", id] });
      return event ? navigate({ to: "/events/$event", params: { event: event.slug } }) : navigate({ to: "/", search: {} });
    },
  });
  const until = format.clock(expiresAt);
  return (
    <div className={styles.cart}>
      <div className={styles.what}>
        <div className={styles.clock}>
          <Timer aria-hidden />
          <p>
            <strong>
              <Countdown until={expiresAt} onOver={onOver} />
            </strong>{" "}
            <Trans>Your places are held for you until {until}.</Trans>
          </p>
        </div>
        {event && (
          <p className={styles.event}>
            <strong>{event.title}</strong>
            <br />
            {format.date(event.startsAt, event.timezone)}
            <br />
            {event.venue.name}, {event.venue.address.city}
          </p>
        )}
        <Bill items={items} total={total}>
          <PromoCode reservation={reservation} />
        </Bill>
        <Button look="plain" isDisabled={giveUp.isPending} onPress={() => giveUp.mutate()}>
          <Trans>Give these places up</Trans>
        </Button>
        {giveUp.error && <Failure error={giveUp.error} />}
      </div>
      <Attendees reservation={reservation} onOver={onOver} />
    </div>
  );
}

function Over({ reservation: { id, status, event } }: { reservation: Reservation }) {
  useEffect(() => dropBasket(id), [id]);
  return (
    <Notice look="calm" focused>
      <p>
        {status === "EXPIRED" && <Trans>Time ran out, and your places are free again. Nothing was charged.</Trans>}
        {status === "RELEASED" && <Trans>You gave these places up.</Trans>}
        {status === "CHECKED_OUT" && <Trans>This was ordered already.</Trans>}
      </p>
      {status === "CHECKED_OUT" ? (
        <Link to="/orders" className={buttonLook()}>
          <Trans>My orders</Trans>
        </Link>
      ) : (
        event && (
          <Link to="/events/$event" params={{ event: event.slug }} className={buttonLook()}>
            <Trans>Choose again</Trans>
          </Link>
        )
      )}
    </Notice>
  );
}
