import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef } from "react";
import { ask } from "../../graph/ask";
import { ChangePasswordDocument } from "../../graph/generated/graphql";
import { GraphError } from "../../graph/transport";
import { Button } from "../../ui/Button";
import { Failure, wordsOf } from "../../ui/Failure";
import { Field } from "../../ui/Field";
import { useStatus } from "../../ui/useStatus";
import styles from "../AccountPage.module.css";

const FIELDS = ["currentPassword", "newPassword"];

export function NewPassword() {
  const { t } = useLingui();
  const say = useStatus();
  const client = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const change = useMutation({
    mutationFn: (input: { currentPassword: string; newPassword: string }) => ask(ChangePasswordDocument, { input }),
    onSuccess: () => {
      form.current?.reset();
      client.invalidateQueries({ queryKey: ["account"] });
      say(t`Your password is changed, and all other devices are signed out.`);
    },
  });
  const field = change.error instanceof GraphError && FIELDS.includes(change.error.field ?? "") ? change.error.field : null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    change.mutate({ currentPassword: String(given.get("current") ?? ""), newPassword: String(given.get("next") ?? "") });
  };
  return (
    <section className={styles.part} aria-labelledby="password">
      <h2 id="password">
        <Trans>Password</Trans>
      </h2>
      <form ref={form} className={styles.form} onSubmit={submit}>
        <div className={styles.pair}>
          <Field
            label={t`Password so far`}
            name="current"
            type="password"
            autoComplete="current-password"
            required
            problem={field === "currentPassword" ? wordsOf(change.error) : null}
          />
          <Field
            label={t`New password`}
            name="next"
            type="password"
            autoComplete="new-password"
            required
            minLength={8}
            hint={t`At least 8 characters`}
            problem={field === "newPassword" ? wordsOf(change.error) : null}
          />
        </div>
        {change.error && field === null && <Failure error={change.error} />}
        {change.isSuccess && (
          <p>
            <Trans>Your password is changed, and all other devices are signed out.</Trans>
          </p>
        )}
        <Button type="submit" isDisabled={change.isPending}>
          <Trans>Change the password</Trans>
        </Button>
      </form>
    </section>
  );
}
