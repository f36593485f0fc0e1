import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { Button } from "../ui/Button";
import { useFormats } from "../words/useFormats";
import styles from "./Filters.module.css";
import { bucketsOf, daysOf, type Facet, pricesOf } from "./facets";
import { Nearby } from "./Nearby";
import { type Search, SORTS, type SortName, searchOf } from "./search";
import { TIMES, type Time } from "./when";

const DAYS = "days";
const OVER = "over";

/** When and where it is to be, and in which order it is shown. All of it stands in the address. */
export function Filters({ search, facets, organizer }: { search: Search; facets: Facet[]; organizer: string | null }) {
  const { t } = useLingui();
  const format = useFormats();
  const navigate = useNavigate({ from: "/" });
  const [picking, setPicking] = useState(false);
  const change = (next: Record<string, unknown>) =>
    navigate({ search: searchOf({ ...search, ...next }), replace: true, resetScroll: false });
  const times: Record<Time, string> = { today: t`Today`, weekend: t`This weekend`, week: t`Next 7 days`, month: t`Next 30 days` };
  const sorts: Record<SortName, string> = {
    date: t`By date`,
    popular: t`What is popular`,
    new: t`What is new`,
    title: t`By title`,
    near: t`By distance`,
  };
  const byDays = picking || Boolean(search.from ?? search.until);
  const { q, category, ...narrowed } = search;
  const any = Object.keys(narrowed).length > 0;
  const pick = (value: string) => {
    setPicking(value === DAYS);
    const days = /^\d/.test(value) ? daysOf(value) : { from: undefined, until: undefined };
    change({ when: value, ...days, over: value === OVER || undefined });
  };
  return (
    <div className={styles.filters}>
      <label>
        <span>
          <Trans>When</Trans>
        </span>
        <select value={search.over ? OVER : (search.when ?? (byDays ? DAYS : ""))} onChange={({ target }) => pick(target.value)}>
          <option value="">{t`Any time`}</option>
          {TIMES.map((time) => (
            <option key={time} value={time}>
              {times[time]}
            </option>
          ))}
          <option value={DAYS}>{t`Choose days…`}</option>
          <option value={OVER}>{t`What is over`}</option>
          {bucketsOf(facets, "MONTH").map(({ value, count }) => (
            <option key={value} value={value}>
              {`${format.month(value)} (${count})`}
            </option>
          ))}
        </select>
      </label>
      {byDays && !search.when && !search.over && (
        <>
          <label>
            <span>
              <Trans>From</Trans>
            </span>
            <input type="date" value={search.from ?? ""} max={search.until} onChange={({ target }) => change({ from: target.value })} />
          </label>
          <label>
            <span>
              <Trans>Until</Trans>
            </span>
            <input type="date" value={search.until ?? ""} min={search.from} onChange={({ target }) => change({ until: target.value })} />
          </label>
        </>
      )}
      <City city={search.city ?? ""} cities={bucketsOf(facets, "CITY").map(({ label }) => label)} onChange={(city) => change({ city })} />
      <Nearby search={search} change={change} />
      <label>
        <span>
          <Trans>Sorting</Trans>
        </span>
        <select value={search.sort ?? ""} onChange={({ target }) => change({ sort: target.value })}>
          <option value="">{q ? t`What fits best` : search.over ? t`The latest first` : t`By date`}</option>
          {(Object.keys(SORTS) as SortName[])
            .filter((name) => (name === "date" ? q || search.over : name !== "near" || search.near))
            .map((name) => (
              <option key={name} value={name}>
                {sorts[name]}
              </option>
            ))}
        </select>
      </label>
      <label className={styles.most}>
        <span>
          <Trans>At most, for a ticket</Trans>
        </span>
        <input
          key={search.most ?? ""}
          type="number"
          min={0}
          step={1}
          inputMode="numeric"
          list="prices"
          defaultValue={search.most ?? ""}
          onBlur={({ target }) => change({ most: target.value })}
          onKeyDown={({ key, currentTarget }) => key === "Enter" && change({ most: currentTarget.value })}
        />
      </label>
      <datalist id="prices">
        {pricesOf(bucketsOf(facets, "PRICE_BAND")).map((price) => (
          <option key={price} value={price} />
        ))}
      </datalist>
      <label className={styles.free}>
        <input type="checkbox" checked={search.free ?? false} onChange={({ target }) => change({ free: target.checked || undefined })} />
        <Trans>Only what can be had</Trans>
      </label>
      {search.by && (
        <Button look="quiet" onPress={() => change({ by: undefined })}>
          {organizer ? t`Only ${organizer}` : t`Only one organizer`}
          <X aria-hidden />
          <span className="aside">
            <Trans>Show all organizers</Trans>
          </span>
        </Button>
      )}
      {any && (
        <Button
          look="plain"
          onPress={() => {
            setPicking(false);
            navigate({ search: searchOf({ q, category }), replace: true, resetScroll: false });
          }}
        >
          <Trans>Clear</Trans>
        </Button>
      )}
    </div>
  );
}

/** Taken when it is left or entered, so that no half of a name is looked for. */
function City({ city, cities, onChange }: { city: string; cities: string[]; onChange: (city: string) => void }) {
  const [words, setWords] = useState(city);
  useEffect(() => setWords(city), [city]);
  const take = () => words.trim() === city || onChange(words.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    take();
  };
  return (
    <form onSubmit={submit}>
      <label>
        <span>
          <Trans>City</Trans>
        </span>
        <input
          list="cities"
          value={words}
          maxLength={100}
          autoComplete="off"
          onBlur={take}
          onChange={({ target }) => {
            setWords(target.value);
            // Chosen from the list, it is whole.
            if (cities.includes(target.value)) onChange(target.value);
          }}
        />
      </label>
      <datalist id="cities">
        {cities.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </form>
  );
}
