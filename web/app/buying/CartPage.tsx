import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useEffect } from "react";
import { SignInForms } from "../account/SignInForms";
import { usePerson } from "../account/session";
import { ask, asking } from "../graph/ask";
import {
  type CartFragment,
  ChangeCartDocument,
  FollowReservationDocument,
  ReleaseReservationDocument,
  ShowReservationDocument,
} from "../graph/generated/graphql";
import { freshKey } from "../graph/keys";
import { follow } from "../graph/live";
import { Button, buttonLook } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { Notice } from "../ui/Notice";
import { useFormats } from "../words/useFormats";
import { Attendees } from "./Attendees";
import { Bill } from "./Bill";
import { dropBasket, setBasket } from "./basket";
import styles from "./CartPage.module.css";
import { HoldClock } from "./HoldClock";
import { Over } from "./Over";
import { PromoCode } from "./PromoCode";

export function CartPage() {
  const { t } = useLingui();
  const { reservation: id } = useParams({ from: "/cart/$reservation" });
  const person = usePerson();
  const client = useQueryClient();
  const who = person?.email;
  const { data, error, refetch } = useQuery({
    queryKey: ["reservation", id, who],
    ...asking(ShowReservationDocument, { id }),
    enabled: person !== null,
    staleTime: 0,
  });
  const look = useCallback(() => {
    refetch();
  }, [refetch]);
  const signedIn = person !== null;
  // What another tab does with this cart is seen here.
  useEffect(() => {
    if (!signedIn) return undefined;
    return follow(FollowReservationDocument, { id }, ({ reservationChanged }) =>
      client.setQueryData(["reservation", id, who], { reservation: reservationChanged }),
    );
  }, [id, client, who, signedIn]);
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
      {person && error && !data && <Failure error={error} again={look} />}
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

function Held({ reservation, onOver }: { reservation: CartFragment; onOver: () => void }) {
  const { id, event, expiresAt, items, total } = reservation;
  const format = useFormats();
  const navigate = useNavigate();
  const client = useQueryClient();
  const of = event?.id ?? null;
  useEffect(() => setBasket({ id, expiresAt, event: of }), [id, expiresAt, of]);
  const giveUp = useMutation({
    mutationFn: () => ask(ReleaseReservationDocument, { id }),
    onSuccess: () => {
      dropBasket(id);
      client.removeQueries({ queryKey: ["reservation", id] });
      return event ? navigate({ to: "/events/$event", params: { event: event.slug } }) : navigate({ to: "/", search: {} });
    },
  });
  const remove = useMutation({
    mutationFn: (item: string) =>
      ask(ChangeCartDocument, {
        input: { reservationId: id, addSeats: [], addPlaces: [], removeItemIds: [item], idempotencyKey: freshKey() },
      }),
    onSuccess: ({ changeReservation }) => {
      if (changeReservation) client.setQueriesData({ queryKey: ["reservation", id] }, { reservation: changeReservation });
    },
  });
  return (
    <div className={styles.cart}>
      <div className={styles.what}>
        <HoldClock reservation={reservation} onOver={onOver} />
        {event && (
          <p className={styles.event}>
            <strong>
              <Link to="/events/$event" params={{ event: event.slug }}>
                {event.title}
              </Link>
            </strong>
            <br />
            {format.date(event.startsAt, event.timezone)}
            <br />
            {event.venue.name}, {event.venue.address.city}
          </p>
        )}
        <Bill items={items} total={total} onRemove={remove.isPending ? undefined : remove.mutate}>
          <PromoCode reservation={reservation} />
        </Bill>
        <div className={styles.ways}>
          {event && (
            <Link to="/events/$event" params={{ event: event.slug }} className={buttonLook("quiet")}>
              <Trans>Add more places</Trans>
            </Link>
          )}
          <Button look="plain" isDisabled={giveUp.isPending} onPress={() => giveUp.mutate()}>
            <Trans>Give these places up</Trans>
          </Button>
        </div>
        {remove.error && <Failure error={remove.error} />}
        {giveUp.error && <Failure error={giveUp.error} />}
      </div>
      <Attendees reservation={reservation} onOver={onOver} />
    </div>
  );
}
