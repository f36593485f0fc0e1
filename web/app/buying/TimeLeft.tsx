import { plural } from "@lingui/core/macro";
import { useEffect, useRef, useState } from "react";
import { clock } from "../graph/clock";
import { useStatus } from "../ui/useStatus";
import { announcedBetween, minutesAndSeconds } from "./time-left";

const TICK_MS = 1_000;

/** Milliseconds until an instant by the server's clock, each second anew; never below 0. */
export function useTimeLeft(until: string): number {
  const left = () => Math.max(0, Date.parse(until) - clock.now());
  const [now, setNow] = useState(left);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `left` depends on `until` alone
  useEffect(() => {
    setNow(left());
    const timer = setInterval(() => setNow(left()), TICK_MS);
    return () => clearInterval(timer);
  }, [until]);
  return now;
}

/** Time left, for the eye only. */
export function TimeLeft({ until, onOver }: { until: string; onOver: () => void }) {
  const left = useTimeLeft(until);
  // biome-ignore lint/correctness/useExhaustiveDependencies: said once, when it is over
  useEffect(() => {
    if (left === 0) onOver();
  }, [left === 0]);
  return (
    <span className="numbers" aria-hidden="true">
      {minutesAndSeconds(left)}
    </span>
  );
}

/** The same, and said aloud at the beginning and from time to time; tells when it is over. */
export function Countdown({ until, onOver, advice }: { until: string; onOver: () => void; advice: string }) {
  const say = useStatus();
  const left = useTimeLeft(until);
  const before = useRef(Number.POSITIVE_INFINITY);
  useEffect(() => {
    const first = before.current === Number.POSITIVE_INFINITY;
    const seconds = first ? Math.round(left / 1000) : announcedBetween(before.current, left);
    if (left === 0 && before.current !== 0) onOver();
    before.current = left;
    if (!seconds || left === 0) return;
    const minutes = Math.round(seconds / 60);
    const words =
      seconds >= 60
        ? plural(minutes, { one: "# minute left", other: "# minutes left" })
        : plural(seconds, { one: "# second left", other: "# seconds left" });
    say(seconds <= 120 && !first ? `${words}. ${advice}` : words);
  }, [left, onOver, say, advice]);
  return (
    <span className="numbers" aria-hidden="true">
      {minutesAndSeconds(left)}
    </span>
  );
}
