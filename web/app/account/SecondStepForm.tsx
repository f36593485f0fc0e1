import { Trans, useLingui } from "@lingui/react/macro";
import type { FormEvent } from "react";
import { CompleteSignInDocument } from "../graph/generated/graphql";
import { GraphError, send } from "../graph/transport";
import { Button } from "../ui/Button";
import { Refused, wordsOf } from "../ui/Failure";
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
  // A wrong code is said at the field; a passkey that was refused, or a time that is over, has none.
  const atCode = signIn.error instanceof GraphError && (signIn.error.reason === "WRONG_CODE" || signIn.error.field === "code");
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
            problem={atCode ? wordsOf(signIn.error) : null}
          />
          <Button type="submit" isDisabled={signIn.busy}>
            <Trans>Sign in</Trans>
          </Button>
        </>
      )}
      {signIn.error !== null && !atCode && <Refused error={signIn.error} />}
      <Button look="plain" onPress={signIn.startAnew}>
        <Trans>Back</Trans>
      </Button>
    </form>
  );
}
