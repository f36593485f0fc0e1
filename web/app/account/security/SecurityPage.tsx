import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { asking } from "../../graph/ask";
import { ShowSecurityDocument } from "../../graph/generated/graphql";
import { Failure } from "../../ui/Failure";
import { Notice } from "../../ui/Notice";
import styles from "../AccountPage.module.css";
import { SignInForms } from "../SignInForms";
import { usePerson } from "../session";
import { ToAccount } from "../ToAccount";
import { ForeignAccounts } from "./ForeignAccounts";
import { NewAddress } from "./NewAddress";
import { NewPassword } from "./NewPassword";
import { SecondFactors } from "./SecondFactors";
import { Sessions } from "./Sessions";
import { SECURITY } from "./secured";

/** What keeps others out of an account. */
export function SecurityPage() {
  const { t } = useLingui();
  const person = usePerson();
  const member = person !== null && !person.guest;
  const { data, error, refetch } = useQuery({ queryKey: SECURITY, ...asking(ShowSecurityDocument, {}), enabled: member });
  useEffect(() => {
    document.title = `${t`Security`} – Odysseus`;
  }, [t]);
  const me = data?.me;
  return (
    <div className="page narrow" aria-busy={member && !data && !error}>
      <ToAccount />
      <h1>
        <Trans>Security</Trans>
      </h1>
      <br />
      {!person && <SignInForms guests={false} onDone={() => {}} />}
      {person?.guest && (
        <Notice look="calm">
          <p>
            <Trans>A guest has no password. Make it an account first.</Trans>
          </p>
        </Notice>
      )}
      {error && <Failure error={error} again={() => refetch()} />}
      {member && me && (
        <div className={styles.parts}>
          <NewPassword />
          <SecondFactors factors={me.secondFactors ?? []} />
          <ForeignAccounts me={me} />
          <Sessions sessions={me.sessions ?? []} />
          <NewAddress me={me} />
        </div>
      )}
    </div>
  );
}
