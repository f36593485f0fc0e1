import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { ask } from "../../graph/ask";
import { ChangeAddressDocument, KeepAddressDocument } from "../../graph/generated/graphql";
import { GraphError } from "../../graph/transport";
import { Button } from "../../ui/Button";
import { Failure, wordsOf } from "../../ui/Failure";
import { Field } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import styles from "../AccountPage.module.css";
import { SECURITY, type Secured } from "./secured";

const FIELDS = ["newEmail", "password"];

/** Another address, to which both the new one and the one so far have to agree. */
export function NewAddress({ me: { email, emailChange } }: { me: Secured }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const look = () => client.invalidateQueries({ queryKey: SECURITY });
  const change = useMutation({
    mutationFn: (input: { newEmail: string; password: string }) => ask(ChangeAddressDocument, { input }),
    onSuccess: look,
  });
  const keep = useMutation({ mutationFn: () => ask(KeepAddressDocument, {}), onSuccess: look });
  const field = change.error instanceof GraphError && FIELDS.includes(change.error.field ?? "") ? change.error.field : null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    change.mutate({ newEmail: String(given.get("email") ?? "").trim(), password: String(given.get("password") ?? "") });
  };
  const next = emailChange?.newEmail ?? "";
  return (
    <section className={styles.part} aria-labelledby="address">
      <h2 id="address">
        <Trans>Address</Trans>
      </h2>
      <p>{email}</p>
      {emailChange ? (
        <Notice look="calm">
          <p>
            {emailChange.oldAddressAgrees ? (
              <Trans>
                It becomes {next} once the link in the mail to {next} is opened.
              </Trans>
            ) : (
              <Trans>It becomes {next} once the links in the mails to both addresses are opened.</Trans>
            )}
          </p>
          <Button look="quiet" isDisabled={keep.isPending} onPress={() => keep.mutate()}>
            <Trans>Keep the address as it is</Trans>
          </Button>
          {keep.error && <Failure error={keep.error} />}
        </Notice>
      ) : (
        <form className={styles.form} onSubmit={submit}>
          <div className={styles.pair}>
            <Field
              label={t`New e-mail`}
              name="email"
              type="email"
              autoComplete="off"
              required
              problem={field === "newEmail" ? wordsOf(change.error) : null}
            />
            <Field
              label={t`Your password`}
              name="password"
              type="password"
              autoComplete="current-password"
              required
              problem={field === "password" ? wordsOf(change.error) : null}
            />
          </div>
          {change.error && field === null && <Failure error={change.error} />}
          <Button type="submit" look="quiet" isDisabled={change.isPending}>
            <Trans>Change the address</Trans>
          </Button>
        </form>
      )}
    </section>
  );
}
