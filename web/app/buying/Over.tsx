import { Trans } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { ask } from "../graph/ask";
import { type CartFragment, HoldSeatsDocument } from "../graph/generated/graphql";
import { freshKey } from "../graph/keys";
import { Button, buttonLook } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { Notice } from "../ui/Notice";
import { dropBasket, setBasket } from "./basket";
import styles from "./Over.module.css";

/** A reservation that does not wait any more, and how to go on from it. */
export function Over({ reservation }: { reservation: CartFragment }) {
  const { id, status, event, order } = reservation;
  const navigate = useNavigate();
  useEffect(() => dropBasket(id), [id]);
  const again = useMutation({
    mutationFn: () => ask(HoldSeatsDocument, { input: { ...wishOf(reservation), eventId: event?.id ?? "", idempotencyKey: freshKey() } }),
    onSuccess: ({ holdSeats }) => {
      if (!holdSeats) return undefined;
      setBasket({ id: holdSeats.id, expiresAt: holdSeats.expiresAt, event: event?.id ?? null });
      return navigate({ to: "/cart/$reservation", params: { reservation: holdSeats.id }, replace: true });
    },
  });
  return (
    <Notice look="calm" focused>
      <p>
        {status === "EXPIRED" && <Trans>Time ran out, and your places are free again. Nothing was charged.</Trans>}
        {status === "RELEASED" && <Trans>You gave these places up.</Trans>}
        {status === "CHECKED_OUT" && <Trans>This was ordered already.</Trans>}
      </p>
      {status === "CHECKED_OUT" && order && (
        <Link to="/orders/$order" params={{ order: order.id }} className={buttonLook()}>
          <Trans>To the order</Trans>
        </Link>
      )}
      {status !== "CHECKED_OUT" && event && (
        <div className={styles.ways}>
          <Button isDisabled={again.isPending} onPress={() => again.mutate()}>
            <Trans>The same places again</Trans>
          </Button>
          <Link to="/events/$event" params={{ event: event.slug }} className={buttonLook("quiet")}>
            <Trans>Choose others</Trans>
          </Link>
        </div>
      )}
      {again.error && <Failure error={again.error} />}
    </Notice>
  );
}

function wishOf({ items }: CartFragment) {
  return {
    seats: items.flatMap(({ seat, ticketType }) => (seat ? [{ seatId: seat.id, ticketTypeId: ticketType.id }] : [])),
    generalAdmission: items.flatMap(({ seat, ticketType, quantity }) => (seat ? [] : [{ ticketTypeId: ticketType.id, quantity }])),
  };
}
