import { Trans } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { ask } from "../graph/ask";
import { AskForVerificationDocument, type ProfileFragment } from "../graph/generated/graphql";
import { Button } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { Notice } from "../ui/Notice";
import styles from "./AccountPage.module.css";

/** The account's address, and whether mail is known to arrive there. */
export function Address({ me: { email, emailVerified } }: { me: ProfileFragment }) {
  const remind = useMutation({ mutationFn: () => ask(AskForVerificationDocument, {}) });
  return (
    <section className={styles.part}>
      <p className={styles.address}>
        <strong>{email}</strong>
      </p>
      {!emailVerified && (
        <Notice look="calm">
          <p>
            <Trans>Please confirm this address: open the link in the mail that we have sent there.</Trans>
          </p>
          {remind.isSuccess ? (
            <p role="status">
              <Trans>A mail is on its way.</Trans>
            </p>
          ) : (
            <Button look="quiet" isDisabled={remind.isPending} onPress={() => remind.mutate()}>
              <Trans>Send it again</Trans>
            </Button>
          )}
          {remind.error && <Failure error={remind.error} />}
        </Notice>
      )}
    </section>
  );
}
