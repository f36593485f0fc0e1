import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { ask } from "../graph/ask";
import { FindEventsDocument } from "../graph/generated/graphql";
import { Button } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { useStatus } from "../ui/useStatus";
import { EventCard } from "./EventCard";
import { Filters } from "./Filters";
import { type Bucket, bucketsOf } from "./facets";
import styles from "./Home.module.css";
import { Keywords } from "./Keywords";
import { SearchForm } from "./SearchForm";
import { CATEGORIES, filterOf, type Search, searchOf, sortOf } from "./search";
import { useCategories } from "./useCategories";

const AT_ONCE = 12;
/** Pictures that are in sight at first. */
const EAGER = 3;

export function Home() {
  const { t } = useLingui();
  const search = useSearch({ from: "/" });
  const say = useStatus();
  const navigate = useNavigate({ from: "/" });
  const wanted = { filter: filterOf(search, new Date()), sort: sortOf(search), first: AT_ONCE, ofOne: search.by !== undefined };
  const found = useInfiniteQuery({
    queryKey: ["events", search],
    queryFn: ({ pageParam, signal }) => ask(FindEventsDocument, { ...wanted, after: pageParam }, signal),
    meta: { document: FindEventsDocument, variables: wanted },
    initialPageParam: null as string | null,
    getNextPageParam: ({ events }) => (events?.pageInfo.hasNextPage ? events.pageInfo.endCursor : undefined),
    placeholderData: keepPreviousData,
  });
  useEffect(() => {
    document.title = `${t`What is on`} – Odysseus`;
  }, [t]);
  const events = found.data?.pages.flatMap(({ events }) => events?.nodes ?? []) ?? [];
  const total = found.data?.pages[0]?.events?.totalCount;
  const looksFor = Object.keys(search).length > 0;
  const facets = found.data?.pages[0]?.events?.facets ?? [];
  useEffect(() => {
    if (total !== undefined && looksFor) say(t`${total} events found`);
  }, [total, looksFor, say, t]);
  return (
    <div className="page">
      <div className={styles.top}>
        <h1>
          <Trans>
            A seat is
            <br />
            waiting for you.
          </Trans>
        </h1>
        <SearchForm search={search} />
      </div>
      <Categories search={search} counts={bucketsOf(facets, "CATEGORY")} />
      <Filters search={search} facets={facets} organizer={(search.by && events[0]?.organization?.name) || null} />
      <Keywords
        chosen={search.tags ?? []}
        found={bucketsOf(facets, "TAG")}
        onChange={(tags) => navigate({ search: searchOf({ ...search, tags }), replace: true, resetScroll: false })}
      />
      {found.error && !found.data ? (
        <Failure error={found.error} again={() => found.refetch()} />
      ) : (
        <>
          <p className={styles.count} aria-hidden={total === undefined}>
            {total !== undefined && <Plural value={total} _0="Nothing found" one="# event" other="# events" />}
          </p>
          {total === 0 && (
            <p>
              <Trans>Try fewer words, or other days, places and kinds.</Trans>
            </p>
          )}
          <ul className={styles.events} aria-busy={found.isFetching}>
            {events.map((event, at) => (
              <EventCard key={event.id} event={event} eager={at < EAGER} />
            ))}
            {found.isPending && Array.from({ length: 6 }, (_, at) => <li key={`${at}`} className={styles.blank} aria-hidden="true" />)}
          </ul>
          {found.hasNextPage && (
            <div className={styles.more}>
              <Button look="quiet" isDisabled={found.isFetchingNextPage} onPress={() => found.fetchNextPage()}>
                <Trans>Show more</Trans>
              </Button>
            </div>
          )}
        </>
      )}
    </div>
  );
}

function Categories({ search, counts }: { search: Search; counts: Bucket[] }) {
  const { t } = useLingui();
  const nameOf = useCategories();
  const navigate = useNavigate({ from: "/" });
  const countOf = (category: string) => {
    const found = counts.find(({ value }) => value === category);
    return found ? <span className={styles.number}>{found.count}</span> : null;
  };
  const choose = (category: Search["category"]) =>
    navigate({
      search: ({ category: _, ...rest }: Search) => (category && category !== search.category ? { ...rest, category } : rest),
      replace: true,
      resetScroll: false,
    });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of switches, not a part of a form
    <div className={styles.categories} role="group" aria-label={t`Kinds of events`}>
      <button type="button" aria-pressed={!search.category} onClick={() => choose(undefined)}>
        {t`Everything`}
      </button>
      {CATEGORIES.map((category) => (
        <button key={category} type="button" aria-pressed={search.category === category} onClick={() => choose(category)}>
          {nameOf(category)}
          {!search.category && countOf(category)}
        </button>
      ))}
    </div>
  );
}
