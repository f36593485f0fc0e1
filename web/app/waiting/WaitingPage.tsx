import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { SignInForms } from "../account/SignInForms";
import { usePerson } from "../account/session";
import { buttonLook } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { Entry } from "./Entry";
import { useWaiting } from "./useWaiting";
import styles from "./Waiting.module.css";

/** All that somebody waits for, and waited for. */
export function WaitingPage() {
  const { t } = useLingui();
  const person = usePerson();
  const { entries, error, isPending } = useWaiting();
  useEffect(() => {
    document.title = `${t`Waiting list`} – Odysseus`;
  }, [t]);
  return (
    <div className="page narrow" aria-busy={isPending}>
      <h1>
        <Trans>What you wait for</Trans>
      </h1>
      <br />
      {!person && <SignInForms guests={false} onDone={() => {}} />}
      {error !== null && <Failure error={error} />}
      {person && !isPending && entries.length === 0 && (
        <div className={styles.nothing}>
          <p>
            <Trans>Nothing. Where an event is sold out, its page has a waiting list.</Trans>
          </p>
          <Link to="/" search={{}} className={buttonLook("quiet")}>
            <Trans>See what is on</Trans>
          </Link>
        </div>
      )}
      <ul className={styles.entries}>
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} withEvent />
        ))}
      </ul>
    </div>
  );
}
