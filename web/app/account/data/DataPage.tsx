import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect } from "react";
import styles from "../AccountPage.module.css";
import { SignInForms } from "../SignInForms";
import { usePerson } from "../session";
import { ToAccount } from "../ToAccount";
import { Export } from "./Export";
import { Farewell } from "./Farewell";

/** What the shop keeps of somebody: to be taken along, and to be erased. */
export function DataPage() {
  const { t } = useLingui();
  const person = usePerson();
  useEffect(() => {
    document.title = `${t`Your data`} – Odysseus`;
  }, [t]);
  return (
    <div className="page narrow">
      <ToAccount />
      <h1>
        <Trans>Your data</Trans>
      </h1>
      <br />
      {person ? (
        <div className={styles.parts}>
          <Export />
          {!person.guest && <Farewell />}
        </div>
      ) : (
        <SignInForms guests={false} onDone={() => {}} />
      )}
    </div>
  );
}
