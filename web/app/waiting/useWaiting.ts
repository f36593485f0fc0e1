import { useQuery } from "@tanstack/react-query";
import { usePerson } from "../account/session";
import { asking } from "../graph/ask";
import { ShowWaitingDocument, type WaitingFragment } from "../graph/generated/graphql";

/** An offer may come at any moment. */
const LOOK_EVERY_MS = 20_000;
const OPEN = ["WAITING", "OFFERED"];

/** For what somebody waits, and what is offered to them; empty for nobody. */
export function useWaiting(): { entries: WaitingFragment[]; error: unknown; isPending: boolean } {
  const person = usePerson();
  const { data, error, isPending } = useQuery({
    queryKey: ["waiting", person?.email],
    ...asking(ShowWaitingDocument, {}),
    enabled: person !== null,
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data?.me?.waitlistEntries?.nodes.some(({ status }) => OPEN.includes(status)) ? LOOK_EVERY_MS : false,
  });
  return { entries: data?.me?.waitlistEntries?.nodes ?? [], error, isPending: person !== null && isPending };
}

/** Whether somebody still waits by it, or has an offer. */
export function isOpen({ status }: WaitingFragment): boolean {
  return OPEN.includes(status);
}
