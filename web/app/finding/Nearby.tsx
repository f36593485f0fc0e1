import { Trans, useLingui } from "@lingui/react/macro";
import { LocateFixed, X } from "lucide-react";
import { useState } from "react";
import { Button } from "../ui/Button";
import { useFormats } from "../words/useFormats";
import styles from "./Filters.module.css";
import { DISTANCES, distanceOf, placeNear, type Search } from "./search";

const WAIT_MS = 15_000;
/** A place that the browser knows from before is good enough for so long. */
const OLDEST_MS = 600_000;

/** What is near: the browser is asked where it is when somebody presses the button, and never before. */
export function Nearby({ search, change }: { search: Search; change: (next: Partial<Record<keyof Search, unknown>>) => void }) {
  const { t } = useLingui();
  const format = useFormats();
  const [state, setState] = useState<"idle" | "asking" | "refused" | "failed">("idle");
  const find = () => {
    setState("asking");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setState("idle");
        change({ near: placeNear(coords.latitude, coords.longitude), sort: "near" });
      },
      ({ code, PERMISSION_DENIED }) => setState(code === PERMISSION_DENIED ? "refused" : "failed"),
      { timeout: WAIT_MS, maximumAge: OLDEST_MS },
    );
  };
  if (search.near)
    return (
      <div className={styles.near}>
        <label>
          <span>
            <Trans>Around me</Trans>
          </span>
          <select value={distanceOf(search)} onChange={({ target }) => change({ km: Number(target.value) })}>
            {DISTANCES.map((far) => (
              <option key={far} value={far}>
                {format.kilometres(far)}
              </option>
            ))}
          </select>
        </label>
        <Button look="icon" aria-label={t`No longer around me`} onPress={() => change({ near: undefined, km: undefined, sort: undefined })}>
          <X aria-hidden />
        </Button>
      </div>
    );
  return (
    <div className={styles.near}>
      <Button look="quiet" isDisabled={state === "asking"} onPress={find}>
        <LocateFixed aria-hidden />
        {state === "asking" ? t`Looking for where you are…` : t`Near me`}
      </Button>
      <p role="status">
        {state === "refused" && <Trans>Your browser does not say where you are. Choose a city instead.</Trans>}
        {state === "failed" && <Trans>Where you are could not be found out. Choose a city instead.</Trans>}
      </p>
    </div>
  );
}
