import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { Button } from "../ui/Button";
import { useFormats } from "../words/useFormats";
import styles from "./Filters.module.css";
import { bucketsOf, daysOf, type Facet } from "./facets";
import { type Search, SORTS, type SortName, searchOf } from "./search";
import { TIMES, type Time } from "./when";

const DAYS = "days";

/** When and where it is to be, and in which order it is shown. All of it stands in the address. */
export function Filters({ search, facets }: { search: Search; facets: Facet[] }) {
  const { t } = useLingui();
  const format = useFormats();
  const navigate = useNavigate({ from: "/" });
  const [picking, setPicking] = useState(false);
  const change = (next: Record<string, unknown>) =>
    navigate({ search: searchOf({ ...search, ...next }), replace: true, resetScroll: false });
  const times: Record<Time, string> = { today: t`Today`, weekend: t`This weekend`, week: t`Next 7 days`, month: t`Next 30 days` };
  const sorts: Record<SortName, string> = { date: t`By date`, popular: t`What is popular`, new: t`What is new` };
  const byDays = picking || Boolean(search.from ?? search.until);
  const any = Boolean(search.city ?? search.when ?? search.from ?? search.until ?? search.most ?? search.free ?? search.sort);
  const pick = (value: string) => {
    setPicking(value === DAYS);
    const days = /^\d/.test(value) ? daysOf(value) : { from: undefined, until: undefined };
    change({ when: value, ...days });
  };
  return (
    <div className={styles.filters}>
      <label>
        <span>
          <Trans>When</Trans>
        </span>
        <select value={search.when ?? (byDays ? DAYS : "")} onChange={({ target }) => pick(target.value)}>
          <option value="">{t`Any time`}</option>
          {TIMES.map((time) => (
            <option key={time} value={time}>
              {times[time]}
            </option>
          ))}
          <option value={DAYS}>{t`Choose days…`}</option>
          {bucketsOf(facets, "MONTH").map(({ value, count }) => (
            <option key={value} value={value}>
              {`${format.month(value)} (${count})`}
            </option>
          ))}
        </select>
      </label>
      {byDays && !search.when && (
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
      <label>
        <span>
          <Trans>Sorting</Trans>
        </span>
        <select value={search.sort ?? ""} onChange={({ target }) => change({ sort: target.value })}>
          <option value="">{search.q ? t`What fits best` : t`By date`}</option>
          {(Object.keys(SORTS) as SortName[])
            .filter((name) => search.q || name !== "date")
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
          defaultValue={search.most ?? ""}
          onBlur={({ target }) => change({ most: target.value })}
          onKeyDown={({ key, currentTarget }) => key === "Enter" && change({ most: currentTarget.value })}
        />
      </label>
      <label className={styles.free}>
        <input type="checkbox" checked={search.free ?? false} onChange={({ target }) => change({ free: target.checked || undefined })} />
        <Trans>Only what can be had</Trans>
      </label>
      {any && (
        <Button
          look="plain"
          onPress={() => {
            setPicking(false);
            change({
              city: undefined,
              when: undefined,
              from: undefined,
              until: undefined,
              sort: undefined,
              most: undefined,
              free: undefined,
            });
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
