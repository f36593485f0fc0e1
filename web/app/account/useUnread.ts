import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ask } from "../graph/ask";
import { CountUnreadDocument, FollowMessagesDocument } from "../graph/generated/graphql";
import { follow } from "../graph/live";
import { useStatus } from "../ui/useStatus";
import { usePerson } from "./session";

/** How many messages wait to be read; a new one is said aloud. */
export function useUnread(): number {
  const say = useStatus();
  const person = usePerson();
  const client = useQueryClient();
  const who = person?.email;
  const { data } = useQuery({
    queryKey: ["messages", "unread", who],
    queryFn: ({ signal }) => ask(CountUnreadDocument, {}, signal),
    enabled: person !== null,
    staleTime: 60_000,
  });
  const follows = person !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another person is followed anew
  useEffect(() => {
    if (!follows) return undefined;
    return follow(FollowMessagesDocument, {}, ({ notificationReceived }) => {
      client.invalidateQueries({ queryKey: ["messages"] });
      client.invalidateQueries({ queryKey: ["waiting"] });
      say(notificationReceived.subject);
    });
  }, [follows, who, client, say]);
  return data?.notifications?.totalCount ?? 0;
}
