import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useEffect, useState } from "react";
import type { Seats } from "../seat-map/seats";
import { instead, leftAlone } from "../seat-map/together";
import { useSeatChanges } from "../seat-map/useSeatChanges";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { useStatus } from "../ui/useStatus";
import { useFormats } from "../words/useFormats";

type Lost = { seats: readonly number[]; instead: readonly number[] };
const NOTHING: Lost = { seats: [], instead: [] };

/**
 * Renders again when seats have changed. Says which chosen ones went to others, with the nearest ones that are as good, and
 * which seat the choice leaves alone; `strict` where the event sells no such choice.
 */
export function WithChanges({ seats, strict, children }: { seats: Seats; strict: boolean; children: () => ReactNode }) {
  const { t } = useLingui();
  const format = useFormats();
  const say = useStatus();
  const [lost, setLost] = useState(NOTHING);
  useSeatChanges(seats);
  const named = (some: readonly number[]) =>
    format.list(
      some.map((seat) => {
        const [row, number] = [seats.rows[seat] ?? "", seats.numbers[seat] ?? ""];
        return t`row ${row}, seat ${number}`;
      }),
    );
  useEffect(
    () =>
      seats.onChange((_, gone) => {
        if (gone.length > 0) setLost({ seats: gone, instead: instead(seats, gone) });
      }),
    [seats],
  );
  const which = named(lost.seats);
  const offered = lost.instead.filter((seat) => seats.isFree(seat) && !seats.chosen.has(seat));
  const others = named(offered);
  const alone = named(leftAlone(seats));
  useEffect(() => {
    if (which) say(t`Taken by somebody else just now: ${which}. The rest of your choice is kept.`);
  }, [which, say, t]);
  const take = () => {
    for (const seat of offered) seats.toggle(seat);
    setLost(NOTHING);
    say(t`Chosen: ${others}`);
  };
  return (
    <>
      {which && (
        <Notice>
          <p>
            <Trans>Taken by somebody else just now: {which}. The rest of your choice is kept.</Trans>
          </p>
          {others && (
            <Button look="quiet" onPress={take}>
              <Trans>Take {others} instead</Trans>
            </Button>
          )}
        </Notice>
      )}
      {alone && (
        <Notice look="calm">
          <p role="status">
            {strict ? (
              <Trans>Your choice leaves a single seat alone: {alone}. This event does not sell that where it can be avoided.</Trans>
            ) : (
              <Trans>Your choice leaves a single seat alone: {alone}. Moved by one, others could sit together there.</Trans>
            )}
          </p>
        </Notice>
      )}
      {children()}
    </>
  );
}
