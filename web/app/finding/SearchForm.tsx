import { useLingui } from "@lingui/react/macro";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Search as Lens } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useState } from "react";
import { asking } from "../graph/ask";
import { type EventSuggestionKind, SuggestEventsDocument, type SuggestEventsQuery } from "../graph/generated/graphql";
import { useFormats } from "../words/useFormats";
import styles from "./SearchForm.module.css";
import type { Search } from "./search";

type Suggestion = NonNullable<SuggestEventsQuery["eventSuggestions"]>[number];

const TYPING_MS = 300;
const SHORTEST = 2;

/** Words to look for. While they are typed the list below follows, and what may be meant is offered. */
export function SearchForm({ search }: { search: Search }) {
  const { t } = useLingui();
  const format = useFormats();
  const navigate = useNavigate({ from: "/" });
  const id = useId();
  const [words, setWords] = useState(search.q ?? "");
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const { data } = useQuery({
    queryKey: ["suggestions", typed],
    ...asking(SuggestEventsDocument, { prefix: typed }),
    enabled: open && typed.length >= SHORTEST,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const suggestions = open && typed.length >= SHORTEST ? (data?.eventSuggestions ?? []) : [];
  const kinds: Record<EventSuggestionKind, string> = {
    EVENT: t`Event`,
    VENUE: t`Venue`,
    CITY: t`City`,
    PERFORMER: t`Performer`,
    TAG: t`Keyword`,
  };
  const go = (q: string) =>
    navigate({ search: ({ q: _, ...rest }: Search) => (q.trim() ? { ...rest, q: q.trim() } : rest), replace: true, resetScroll: false });
  // biome-ignore lint/correctness/useExhaustiveDependencies: only words that are typed lead elsewhere
  useEffect(() => {
    if (words.trim() === (search.q ?? "")) return;
    const timer = setTimeout(() => {
      setTyped(words.trim());
      go(words);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [words]);
  const take = ({ text, kind, event }: Suggestion) => {
    setOpen(false);
    setAt(-1);
    if (kind === "EVENT" && event) return navigate({ to: "/events/$event", params: { event: event.slug } });
    if (kind === "CITY") {
      setWords("");
      return navigate({ search: ({ q: _, ...rest }: Search) => ({ ...rest, city: text }), replace: true, resetScroll: false });
    }
    setWords(text);
    return go(text);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setOpen(false);
    go(words);
  };
  const press = (event: KeyboardEvent) => {
    const count = suggestions.length;
    if (event.key === "Escape" && count > 0) setOpen(false);
    else if (event.key === "ArrowDown" && count > 0) setAt((at + 1) % count);
    else if (event.key === "ArrowUp" && count > 0) setAt((at + count + (at < 0 ? 0 : -1)) % count);
    else if (event.key === "Enter" && suggestions[at]) take(suggestions[at]);
    else return;
    event.preventDefault();
  };
  return (
    <search>
      <form className={styles.search} onSubmit={submit}>
        <Lens aria-hidden />
        <input
          type="search"
          role="combobox"
          aria-label={t`Search for events`}
          aria-expanded={suggestions.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={suggestions[at] ? `${id}-${at}` : undefined}
          autoComplete="off"
          placeholder={t`Artist, play, team or city`}
          value={words}
          onChange={(event) => {
            setWords(event.target.value);
            setOpen(true);
            setAt(-1);
          }}
          onKeyDown={press}
          onBlur={() => setOpen(false)}
          enterKeyHint="search"
          maxLength={100}
        />
        <div id={`${id}-list`} role="listbox" aria-label={t`What you may mean`} className={styles.list} hidden={suggestions.length === 0}>
          {suggestions.map((suggestion, place) => {
            const { text, kind, event } = suggestion;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the field
              <div
                key={`${kind} ${text} ${event?.slug ?? ""}`}
                id={`${id}-${place}`}
                role="option"
                aria-selected={place === at}
                tabIndex={-1}
                // The field keeps the focus.
                onMouseDown={(press) => press.preventDefault()}
                onClick={() => take(suggestion)}
              >
                <strong>{text}</strong>
                <span className="soft">
                  {event ? `${format.date(event.startsAt, event.timezone)} · ${event.venue.address.city}` : kinds[kind]}
                </span>
              </div>
            );
          })}
        </div>
      </form>
    </search>
  );
}
