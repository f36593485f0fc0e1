import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ask } from "../../graph/ask";
import { DeleteAccountDocument } from "../../graph/generated/graphql";
import { Button } from "../../ui/Button";
import { wordsOf } from "../../ui/Failure";
import { Field } from "../../ui/Field";
import styles from "../AccountPage.module.css";
import { end } from "../session";

/** Has the account erased. */
export function Farewell() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  const erase = useMutation({
    mutationFn: (password: string) => ask(DeleteAccountDocument, { password }),
    onSuccess: async () => {
      await navigate({ to: "/", search: {} });
      end();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    erase.mutate(String(new FormData(event.currentTarget).get("password") ?? ""));
  };
  return (
    <section className={styles.part} aria-labelledby="farewell">
      <h2 id="farewell">
        <Trans>Delete the account</Trans>
      </h2>
      <p>
        <Trans>What we know of you is erased; what the law asks us to keep of sales is kept without your name. It cannot be undone.</Trans>
      </p>
      {asked ? (
        <form className={styles.form} onSubmit={submit}>
          <Field
            label={t`Your password`}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            problem={erase.error ? (wordsOf(erase.error) ?? t`That did not work. Try again.`) : null}
          />
          <div className={styles.ways}>
            <Button type="submit" isDisabled={erase.isPending}>
              <Trans>Delete it for good</Trans>
            </Button>
            <Button look="plain" onPress={() => setAsked(false)}>
              <Trans>Back</Trans>
            </Button>
          </div>
        </form>
      ) : (
        <Button look="quiet" onPress={() => setAsked(true)}>
          <Trans>Delete the account…</Trans>
        </Button>
      )}
    </section>
  );
}
