import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { ask } from "../graph/ask";
import { MakeAccountDocument, type ProfileFragment } from "../graph/generated/graphql";
import { Button } from "../ui/Button";
import { Refused } from "../ui/Failure";
import { Field } from "../ui/Field";
import styles from "./AccountPage.module.css";
import { begin } from "./session";

/** Makes an account of a guest, who keeps what was bought. */
export function BecomeMember({ me: { email, name, locale, timezone } }: { me: ProfileFragment }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: (given: { name: string; password: string }) =>
      ask(MakeAccountDocument, {
        input: { email: email ?? "", ...given, ...(locale ? { locale } : {}), ...(timezone ? { timezone } : {}) },
      }),
    onSuccess: ({ register }) => {
      if (!register) return undefined;
      begin(register);
      return client.invalidateQueries({ queryKey: ["account"] });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    make.mutate({ name: String(form.get("name") ?? "").trim(), password: String(form.get("password") ?? "") });
  };
  return (
    <section className={styles.part} aria-labelledby="member">
      <h2 id="member">
        <Trans>Keep your orders</Trans>
      </h2>
      <p className={styles.address}>
        <strong>{email}</strong>
      </p>
      <p>
        <Trans>You buy as a guest, with this address. With a password it becomes an account, and all you have bought stays in it.</Trans>
      </p>
      <form className={styles.form} onSubmit={submit}>
        <div className={styles.pair}>
          <Field label={t`Name`} name="name" autoComplete="name" required maxLength={100} defaultValue={name ?? ""} />
          <Field
            label={t`Password`}
            name="password"
            type="password"
            autoComplete="new-password"
            required
            minLength={8}
            hint={t`At least 8 characters`}
          />
        </div>
        {make.error && <Refused error={make.error} />}
        <Button type="submit" isDisabled={make.isPending}>
          <Trans>Make it an account</Trans>
        </Button>
      </form>
    </section>
  );
}
