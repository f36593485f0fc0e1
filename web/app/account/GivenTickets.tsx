import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import orders from "../buying/OrderPage.module.css";
import { PrintedTicket } from "../buying/PrintedTicket";
import { asking } from "../graph/ask";
import { ShowMyTicketsDocument } from "../graph/generated/graphql";

/** The tickets that others have passed on to somebody: they belong to no order of theirs. */
export function GivenTickets({ who }: { who: string }) {
  const { data } = useQuery({ queryKey: ["tickets", who], ...asking(ShowMyTicketsDocument, {}), staleTime: 0 });
  const given = data?.me?.tickets?.nodes.filter(({ order }) => !order) ?? [];
  if (given.length === 0) return null;
  return (
    <section aria-labelledby="given">
      <h2 id="given">
        <Trans>Given to you</Trans>
      </h2>
      <br />
      <ul className={orders.tickets}>
        {given.map(({ event, ...ticket }) => (
          <PrintedTicket key={ticket.id} ticket={ticket} event={event} />
        ))}
      </ul>
    </section>
  );
}
