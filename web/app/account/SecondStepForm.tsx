import { Trans, useLingui } from "@lingui/react/macro";
import type { FormEvent } from "react";
import { CompleteSignInDocument } from "../graph/generated/graphql";
import { send } from "../graph/transport";
import { Button } from "../ui/Button";
import { wordsOf } from "../ui/Failure";
import { Field } from "../ui/Field";
import { PasskeyButton } from "./PasskeyButton";
import styles from "./SignInForms.module.css";
import type { SecondStep, useSignIn } from "./useSignIn";

/** The code of an app, where the password alone is not enough. */
export function SecondStepForm({ step, signIn }: { step: SecondStep; signIn: ReturnType<typeof useSignIn> }) {
  const { t } = useLingui();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code") ?? "").replace(/\s/g, "");
    signIn.enter(async () => (await send(CompleteSignInDocument, { input: { challenge: step.challenge, code } }, null)).completeLogin);
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <p>
        <Trans>Your account asks for a second proof that it is you.</Trans>
      </p>
      {step.methods.includes("PASSKEY") && <PasskeyButton signIn={signIn} />}
      {(step.methods.length === 0 || step.methods.some((method) => method !== "PASSKEY")) && (
        <>
          <Field
            label={t`Code of your app, or a recovery code`}
            name="code"
            autoComplete="one-time-code"
            inputMode="text"
            required
            maxLength={40}
            problem={signIn.error ? (wordsOf(signIn.error) ?? t`That did not work. Try again.`) : null}
          />
          <Button type="submit" isDisabled={signIn.busy}>
            <Trans>Sign in</Trans>
          </Button>
        </>
      )}
      <Button look="plain" onPress={signIn.startAnew}>
        <Trans>Back</Trans>
      </Button>
    </form>
  );
}
