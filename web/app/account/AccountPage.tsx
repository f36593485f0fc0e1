import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { FileText, ShieldCheck } from "lucide-react";
import { useEffect } from "react";
import { asking } from "../graph/ask";
import { ShowProfileDocument } from "../graph/generated/graphql";
import { Button, buttonLook } from "../ui/Button";
import { Failure } from "../ui/Failure";
import styles from "./AccountPage.module.css";
import { Address } from "./Address";
import { BecomeMember } from "./BecomeMember";
import { Preferences } from "./Preferences";
import { Profile } from "./Profile";
import { SignInForms } from "./SignInForms";
import { signOut, usePerson } from "./session";

/** Who somebody is to the shop, and what they want to be told. */
export function AccountPage() {
  const { t } = useLingui();
  const person = usePerson();
  const navigate = useNavigate();
  useEffect(() => {
    document.title = `${t`Account`} – Odysseus`;
  }, [t]);
  const { data, error, refetch } = useQuery({
    queryKey: ["account", "profile", person?.email],
    ...asking(ShowProfileDocument, {}),
    enabled: person !== null,
  });
  const me = data?.me;
  const leave = async () => {
    await navigate({ to: "/", search: {} });
    await signOut();
  };
  return (
    <div className="page narrow">
      <h1>{person?.guest ? <Trans>Your visit</Trans> : <Trans>Your account</Trans>}</h1>
      <br />
      {!person && <SignInForms guests={false} onDone={() => {}} />}
      {person && error && <Failure error={error} again={() => refetch()} />}
      {person && me && (
        <div className={styles.parts}>
          {me.guest ? <BecomeMember me={me} /> : <Address me={me} />}
          <nav aria-label={t`More of your account`} className={styles.ways}>
            {!me.guest && (
              <Link to="/account/security" className={buttonLook("quiet")}>
                <ShieldCheck aria-hidden />
                <Trans>Password and security</Trans>
              </Link>
            )}
            <Link to="/account/data" className={buttonLook("quiet")}>
              <FileText aria-hidden />
              <Trans>Your data</Trans>
            </Link>
          </nav>
          {!me.guest && <Profile key={me.id} me={me} />}
          <Preferences />
          <section className={styles.part}>
            <Button look="quiet" onPress={leave}>
              {me.guest ? <Trans>Leave</Trans> : <Trans>Sign out</Trans>}
            </Button>
            {me.guest && (
              <p className="soft">
                <Trans>Who leaves as a guest sees these orders only in the mails.</Trans>
              </p>
            )}
          </section>
        </div>
      )}
    </div>
  );
}
