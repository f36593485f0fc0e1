import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Hourglass } from "lucide-react";
import { useEffect } from "react";
import { useOrderStates } from "../buying/useOrderStates";
import { ask } from "../graph/ask";
import { ShowMyOrdersDocument } from "../graph/generated/graphql";
import { Button, buttonLook } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { useFormats } from "../words/useFormats";
import { GivenTickets } from "./GivenTickets";
import styles from "./MyOrders.module.css";
import { SignInForms } from "./SignInForms";
import { usePerson } from "./session";

const AT_ONCE = 20;

export function MyOrders() {
  const { t } = useLingui();
  const person = usePerson();
  useEffect(() => {
    document.title = `${t`My orders`} – Odysseus`;
  }, [t]);
  return (
    <div className="page narrow">
      <h1>
        <Trans>My orders</Trans>
      </h1>
      <br />
      {person ? (
        <>
          <GivenTickets who={person.email ?? ""} />
          <Orders who={person.email ?? ""} />
          <br />
          <p>
            <Link to="/waiting" className={buttonLook("quiet")}>
              <Hourglass aria-hidden />
              <Trans>What you wait for</Trans>
            </Link>
          </p>
        </>
      ) : (
        <SignInForms guests={false} onDone={() => {}} />
      )}
    </div>
  );
}

function Orders({ who }: { who: string }) {
  const format = useFormats();
  const stateOf = useOrderStates();
  const found = useInfiniteQuery({
    queryKey: ["orders", who],
    queryFn: ({ pageParam, signal }) => ask(ShowMyOrdersDocument, { first: AT_ONCE, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ me }) => (me?.orders?.pageInfo.hasNextPage ? me.orders.pageInfo.endCursor : undefined),
    meta: { document: ShowMyOrdersDocument, variables: { first: AT_ONCE } },
    staleTime: 0,
  });
  if (found.error) return <Failure error={found.error} again={() => found.refetch()} />;
  const orders = found.data?.pages.flatMap(({ me }) => me?.orders?.nodes ?? []) ?? [];
  if (found.data && orders.length === 0) {
    return (
      <div className={styles.empty}>
        <p>
          <Trans>Nothing bought yet.</Trans>
        </p>
        <Link to="/" search={{}} className={buttonLook()}>
          <Trans>See what is on</Trans>
        </Link>
      </div>
    );
  }
  return (
    <>
      <ul className={styles.orders}>
        {orders.map(({ id, number, status, event, total }) => (
          <li key={id}>
            <Link to="/orders/$order" params={{ order: id }}>
              <strong>{event?.title ?? number}</strong>
              {event && (
                <span className="soft">
                  {format.date(event.startsAt, event.timezone)} · {event.venue.name}, {event.venue.address.city}
                </span>
              )}
              <span className={styles.line}>
                <span>{stateOf(status)}</span>
                <span className="numbers">{format.money(total.total)}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {found.hasNextPage && (
        <Button look="quiet" onPress={() => found.fetchNextPage()}>
          <Trans>Show more</Trans>
        </Button>
      )}
    </>
  );
}
