import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { usePerson } from "../account/session";
import { ask } from "../graph/ask";
import { FindMyCartDocument } from "../graph/generated/graphql";
import { restoreBasket, useBasket } from "./basket";

/** Puts what somebody holds into the basket, where this tab does not know of it: it was held elsewhere, or the browser forgot. */
export function useFoundCart(): void {
  const person = usePerson();
  const basket = useBasket();
  const { data } = useQuery({
    queryKey: ["reservation", "mine", person?.email],
    queryFn: ({ signal }) => ask(FindMyCartDocument, {}, signal),
    enabled: person !== null && basket === null,
    staleTime: 60_000,
  });
  const [found] = data?.me?.reservations?.nodes ?? [];
  useEffect(() => {
    if (found) restoreBasket({ id: found.id, expiresAt: found.expiresAt, event: found.event?.id ?? null });
  }, [found]);
}
