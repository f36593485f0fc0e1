import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect } from "react";
import { AskForNewPasswordDocument, ChooseNewPasswordDocument } from "../graph/generated/graphql";
import { GraphError, send } from "../graph/transport";
import { Button, buttonLook } from "../ui/Button";
import { Refused, wordsOf } from "../ui/Failure";
import { Field } from "../ui/Field";
import { Notice } from "../ui/Notice";
import styles from "./AccountPage.module.css";
import { BrokenLink, useTokenOfLink } from "./LinkPages";
import { SecondStepForm } from "./SecondStepForm";
import { useSignIn } from "./useSignIn";

/** Asks for a mail by which somebody chooses a new password. */
export function ForgotPage() {
  const { t } = useLingui();
  useEffect(() => {
    document.title = `${t`Forgot your password?`} – Odysseus`;
  }, [t]);
  const ask = useMutation({ mutationFn: (email: string) => send(AskForNewPasswordDocument, { email }, null) });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    ask.mutate(String(new FormData(event.currentTarget).get("email") ?? "").trim());
  };
  return (
    <div className="page narrow">
      <h1>
        <Trans>Forgot your password?</Trans>
      </h1>
      <br />
      {ask.isSuccess ? (
        <Notice look="calm" focused>
          <p>
            <Trans>If there is an account with {ask.variables}, a mail with a link is on its way. It is good for 30 minutes.</Trans>
          </p>
          <Link to="/sign-in" className={buttonLook("quiet")}>
            <Trans>Back to signing in</Trans>
          </Link>
        </Notice>
      ) : (
        <form className={styles.form} onSubmit={submit}>
          <p>
            <Trans>Tell us your address, and we send you a link to choose a new one.</Trans>
          </p>
          <Field label={t`E-mail`} name="email" type="email" autoComplete="email" required problem={wordsOf(ask.error)} />
          <Button type="submit" isDisabled={ask.isPending}>
            <Trans>Send the link</Trans>
          </Button>
        </form>
      )}
    </div>
  );
}

/** The link of that mail. */
export function NewPasswordPage() {
  const { t } = useLingui();
  const token = useTokenOfLink();
  const navigate = useNavigate();
  useEffect(() => {
    document.title = `${t`A new password`} – Odysseus`;
  }, [t]);
  const signIn = useSignIn(() => navigate({ to: "/account" }));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const newPassword = String(new FormData(event.currentTarget).get("password") ?? "");
    signIn.enter(async () => (await send(ChooseNewPasswordDocument, { token: token ?? "", newPassword }, null)).resetPassword);
  };
  return (
    <div className="page narrow">
      <h1>
        <Trans>A new password</Trans>
      </h1>
      <br />
      {token === null && (
        <BrokenLink>
          <NewLink />
        </BrokenLink>
      )}
      {signIn.step && <SecondStepForm step={signIn.step} signIn={signIn} />}
      {token !== null && !signIn.step && (
        <form className={styles.form} onSubmit={submit}>
          <p>
            <Trans>With it you are signed in here, and signed out everywhere else.</Trans>
          </p>
          <Field
            label={t`New password`}
            name="password"
            type="password"
            autoComplete="new-password"
            required
            minLength={8}
            hint={t`At least 8 characters`}
          />
          {signIn.error !== null && <Refused error={signIn.error}>{isLinkOver(signIn.error) && <NewLink />}</Refused>}
          <Button type="submit" isDisabled={signIn.busy}>
            <Trans>Save</Trans>
          </Button>
        </form>
      )}
    </div>
  );
}

/** Whether it was the link that was refused, and not the password that was chosen. */
function isLinkOver(error: unknown): boolean {
  return error instanceof GraphError && error.code === "NOT_FOUND";
}

function NewLink() {
  return (
    <Link to="/account/forgot" className={buttonLook("quiet")}>
      <Trans>Have a new link sent</Trans>
    </Link>
  );
}
