import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Timer } from "lucide-react";
import { ask } from "../graph/ask";
import { type CartFragment, ExtendReservationDocument } from "../graph/generated/graphql";
import { Button } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { useStatus } from "../ui/useStatus";
import { useFormats } from "../words/useFormats";
import styles from "./HoldClock.module.css";
import { Countdown } from "./TimeLeft";

/** How long places are held yet, and how to get more time, which there is once. */
export function HoldClock({ reservation, onOver }: { reservation: CartFragment; onOver: () => void }) {
  const { id, expiresAt, canExtend } = reservation;
  const { t } = useLingui();
  const format = useFormats();
  const say = useStatus();
  const client = useQueryClient();
  const extend = useMutation({
    mutationFn: () => ask(ExtendReservationDocument, { id }),
    onSuccess: ({ extendReservation }) => {
      if (!extendReservation) return;
      client.setQueriesData({ queryKey: ["reservation", id] }, { reservation: extendReservation });
      const until = format.clock(extendReservation.expiresAt);
      say(t`Your places are held for you until ${until}.`);
    },
  });
  const until = format.clock(expiresAt);
  return (
    <div className={styles.clock}>
      <Timer aria-hidden />
      <p>
        <strong>
          <Countdown
            until={expiresAt}
            onOver={onOver}
            advice={canExtend ? t`You can have more time once: press “More time”.` : t`Go on to order now to keep your places.`}
          />
        </strong>{" "}
        <Trans>Your places are held for you until {until}.</Trans>
      </p>
      {canExtend && (
        <Button look="onNight" isDisabled={extend.isPending} onPress={() => extend.mutate()}>
          <Trans>More time</Trans>
        </Button>
      )}
      {extend.error && (
        <div className={styles.failure}>
          <Failure error={extend.error} />
        </div>
      )}
    </div>
  );
}
