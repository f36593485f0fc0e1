import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef } from "react";
import { ask } from "../../graph/ask";
import { type BeginTotpMutation, ConfirmTotpDocument } from "../../graph/generated/graphql";
import { Button } from "../../ui/Button";
import { wordsOf } from "../../ui/Failure";
import { Field } from "../../ui/Field";
import styles from "../AccountPage.module.css";

/** The picture that an app reads, and the first code that it shows. */
export function AppCode(props: {
  enrolment: NonNullable<BeginTotpMutation["beginTotp"]>;
  onDone: (codes?: readonly string[]) => void;
  onLeave: () => void;
}) {
  const { enrolment, onDone, onLeave } = props;
  const { t } = useLingui();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const confirm = useMutation({
    mutationFn: (code: string) => ask(ConfirmTotpDocument, { input: { challenge: enrolment.challenge, code } }),
    onSuccess: ({ confirmTotp }) => onDone(confirmTotp?.recoveryCodes),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    confirm.mutate(String(new FormData(event.currentTarget).get("code") ?? "").replace(/\s/g, ""));
  };
  const problem = confirm.error ? (wordsOf(confirm.error) ?? t`That did not work. Try again.`) : null;
  return (
    <form ref={form} className={styles.form} onSubmit={submit}>
      <p>
        <Trans>Let your app read this picture, or type the key into it.</Trans>
      </p>
      <img
        className={styles.qr}
        src={`data:image/svg+xml,${encodeURIComponent(enrolment.qrSvg)}`}
        alt={t`QR code for your app`}
        width={200}
        height={200}
      />
      <p className={`${styles.key} numbers`} data-testid="key">
        {enrolment.secret.match(/.{1,4}/g)?.join(" ")}
      </p>
      <Field label={t`The code that it shows`} name="code" inputMode="numeric" autoComplete="one-time-code" required problem={problem} />
      <div className={styles.ways}>
        <Button type="submit" isDisabled={confirm.isPending}>
          <Trans>Confirm</Trans>
        </Button>
        <Button look="plain" onPress={onLeave}>
          <Trans>Back</Trans>
        </Button>
      </div>
    </form>
  );
}
