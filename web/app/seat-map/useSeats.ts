import { useEffect, useState } from "react";
import { ask } from "../graph/ask";
import { feeding } from "../graph/feeds";
import { FollowSeatMapDocument, ReadSeatMapChangesDocument, ReadSeatMapDocument } from "../graph/generated/graphql";
import { follow } from "../graph/live";
import { type Plan, readPlan } from "./plan";
import { type Change, Seats } from "./seats";

export type SeatMapState =
  | { kind: "loading" }
  | { kind: "ready"; seats: Seats; plan: Plan; catchUp: () => Promise<void> }
  | { kind: "failed" };

const RETRY_MS = 3_000;

/** An event's seats as they are now, and as they change, for as long as the component is there. */
export function useSeats(eventId: string, planUrl: string): SeatMapState {
  const [state, setState] = useState<SeatMapState>({ kind: "loading" });
  useEffect(() => {
    const left = new AbortController();
    let timer = 0;
    let seats: Seats | null = null;
    let early: Change[] = [];
    // One at a time: what comes meanwhile is in what is read.
    let reading: Promise<void> | null = null;

    const readAll = async () => {
      const { event } = await ask(ReadSeatMapDocument, { eventId }, left.signal);
      return event?.seatMap ?? null;
    };
    const catchUp = () => {
      reading ??= missed().finally(() => {
        reading = null;
      });
      return reading;
    };
    const missed = async () => {
      if (!seats) return;
      const { seatMapChanges } = await ask(ReadSeatMapChangesDocument, { eventId, since: seats.version }, left.signal);
      if (seatMapChanges && seats.apply(seatMapChanges) !== "gap") return;
      const now = await readAll();
      if (now) seats.read(now);
    };
    const retry = (what: () => Promise<void>) => {
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        what().catch(() => left.signal.aborted || retry(what));
      }, RETRY_MS);
    };
    const heard = (change: Change) => {
      if (!seats) early.push(change);
      else if (seats.apply(change) === "gap") catchUp().catch(() => left.signal.aborted || retry(catchUp));
    };
    const begin = async () => {
      // What came before this is in what is read now.
      early = [];
      const [plan, now] = await Promise.all([readPlan(planUrl, left.signal), readAll()]);
      if (left.signal.aborted) return;
      if (!now) return setState({ kind: "failed" });
      seats = new Seats(plan, now);
      // Followed before it was read, so that nothing lies between.
      for (const change of early) heard(change);
      early = [];
      setState({ kind: "ready", seats, plan, catchUp });
    };

    setState({ kind: "loading" });
    const fed = feeding(ReadSeatMapDocument, { eventId });
    const stop = follow(FollowSeatMapDocument, { eventId }, ({ seatMapChanged }) => heard(seatMapChanged));
    begin().catch(() => {
      if (left.signal.aborted) return;
      setState({ kind: "failed" });
      retry(begin);
    });
    return () => {
      left.abort();
      clearTimeout(timer);
      fed();
      stop();
    };
  }, [eventId, planUrl]);
  return state;
}
