import { Trans } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ask, asking } from "../graph/ask";
import { AskForVerificationDocument, type ProfileFragment, ShowReachDocument } from "../graph/generated/graphql";
import { Button, buttonLook } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { Notice } from "../ui/Notice";
import { useFormats } from "../words/useFormats";
import styles from "./AccountPage.module.css";

/** The account's address, and whether mail is known to arrive there. */
export function Address({ me: { email, emailVerified } }: { me: ProfileFragment }) {
  const format = useFormats();
  // For itself: where nobody can tell it, the profile is shown all the same.
  const { data } = useQuery({ queryKey: ["account", "reach", email], ...asking(ShowReachDocument, {}) });
  const since = data?.me?.emailUnreachableSince;
  return (
    <section className={styles.part}>
      <p className={styles.address}>
        <strong>{email}</strong>
      </p>
      {since ? (
        <Notice>
          <p>
            <Trans>
              A mail to this address came back on {format.moment(since)}. Until it is known that mail arrives, only what you cannot do
              without is sent there.
            </Trans>
          </p>
          <Verification again word={<Trans>Try it with a new mail</Trans>}>
            <Link to="/account/security" hash="address" className={buttonLook("quiet")}>
              <Trans>Take another address</Trans>
            </Link>
          </Verification>
        </Notice>
      ) : (
        !emailVerified && (
          <Notice look="calm">
            <p>
              <Trans>Please confirm this address: open the link in the mail that we have sent there.</Trans>
            </p>
            <Verification again={false} word={<Trans>Send it again</Trans>} />
          </Notice>
        )
      )}
    </section>
  );
}

/** Has a mail sent whose link shows that mail arrives. */
function Verification({ again, word, children }: { again: boolean; word: ReactNode; children?: ReactNode }) {
  const remind = useMutation({ mutationFn: () => ask(AskForVerificationDocument, { again }) });
  if (remind.isSuccess) {
    return (
      <p role="status">
        <Trans>A mail is on its way.</Trans> {again && <Trans>When it arrives, open its link.</Trans>}
      </p>
    );
  }
  return (
    <>
      <div className={styles.ways}>
        <Button look="quiet" isDisabled={remind.isPending} onPress={() => remind.mutate()}>
          {word}
        </Button>
        {children}
      </div>
      {remind.error && <Failure error={remind.error} />}
    </>
  );
}
