import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Bill } from "../buying/Bill";
import { setBasket } from "../buying/basket";
import { Countdown } from "../buying/TimeLeft";
import { ask } from "../graph/ask";
import { AcceptOfferDocument, LeaveWaitingListDocument, type WaitingFragment, type WaitlistStatus } from "../graph/generated/graphql";
import { freshKey } from "../graph/keys";
import { Button } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { useFormats } from "../words/useFormats";
import styles from "./Waiting.module.css";

/** Somebody's place on a waiting list: which it is, or what is offered. */
export function Entry({ entry, withEvent }: { entry: WaitingFragment; withEvent: boolean }) {
  const { id, event, quantity, ticketTypes, status, position, offer } = entry;
  const { t } = useLingui();
  const format = useFormats();
  const navigate = useNavigate();
  const client = useQueryClient();
  const look = () => client.invalidateQueries({ queryKey: ["waiting"] });
  const leave = useMutation({ mutationFn: () => ask(LeaveWaitingListDocument, { id }), onSuccess: look });
  const accept = useMutation({
    mutationFn: () => ask(AcceptOfferDocument, { input: { entryId: id, idempotencyKey: freshKey() } }),
    onSuccess: ({ acceptWaitlistOffer: held }) => {
      look();
      if (!held) return undefined;
      setBasket({ id: held.id, expiresAt: held.expiresAt, event: event?.id ?? null });
      return navigate({ to: "/cart/$reservation", params: { reservation: held.id } });
    },
    onError: look,
  });
  const ended: Partial<Record<WaitlistStatus, string>> = {
    BOUGHT: t`You bought what was offered.`,
    DECLINED: t`You did not want what was offered.`,
    EXPIRED: t`The time of the offer is over, or nothing is sold any more.`,
    LEFT: t`You wait no longer.`,
  };
  const kinds = format.list(ticketTypes.map(({ name }) => name));
  const error = accept.error ?? leave.error;
  return (
    <li className={styles.entry} data-testid="waiting" data-status={status}>
      {withEvent && event && (
        <p>
          <Link to="/events/$event" params={{ event: event.slug }}>
            <strong>{event.title}</strong>
          </Link>
          <br />
          {format.date(event.startsAt, event.timezone)}
        </p>
      )}
      <p>
        <Plural value={quantity} one="# place" other="# places" /> · {kinds}
      </p>
      {status === "WAITING" && (
        <p>
          {position ? (
            <Trans>
              You are number <strong>{position}</strong> on the waiting list. We write as soon as something comes free.
            </Trans>
          ) : (
            <Trans>You are on the waiting list. We write as soon as something comes free.</Trans>
          )}
        </p>
      )}
      {status === "OFFERED" && offer && (
        <>
          <p>
            <strong>
              <Trans>These places are yours, if you want them.</Trans>
            </strong>{" "}
            <Trans>
              Until {format.moment(offer.expiresAt)}; time left:{" "}
              <Countdown until={offer.expiresAt} onOver={look} advice={t`Take them now, or they go to the next.`} />
            </Trans>
          </p>
          <Bill items={offer.items} total={offer.total} />
        </>
      )}
      {ended[status] && <p className="soft">{ended[status]}</p>}
      {error && <Failure error={error} />}
      <div className={styles.ways}>
        {status === "OFFERED" && (
          <Button isDisabled={accept.isPending} onPress={() => accept.mutate()}>
            <Trans>Take them</Trans>
          </Button>
        )}
        {(status === "WAITING" || status === "OFFERED") && (
          <Button look="quiet" isDisabled={leave.isPending} onPress={() => leave.mutate()}>
            {status === "OFFERED" ? <Trans>No, thank you</Trans> : <Trans>Wait no longer</Trans>}
          </Button>
        )}
      </div>
    </li>
  );
}
