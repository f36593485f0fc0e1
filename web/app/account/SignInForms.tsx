import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, lazy, Suspense, useState } from "react";
import { ContinueAsGuestDocument, MakeAccountDocument, SignInDocument } from "../graph/generated/graphql";
import { GraphError, send } from "../graph/transport";
import { Button } from "../ui/Button";
import { Refused, wordsOf } from "../ui/Failure";
import { Field } from "../ui/Field";
import { SecondStepForm } from "./SecondStepForm";
import styles from "./SignInForms.module.css";
import { useSignIn } from "./useSignIn";

const OtherWays = lazy(async () => ({ default: (await import("./OtherWays")).OtherWays }));

type Way = "guest" | "signIn" | "register";
const FIELDS = ["email", "password", "name"];

/** The three ways to say who one is; as a guest only where something is bought. */
export function SignInForms({ guests, onDone }: { guests: boolean; onDone: () => void }) {
  const { t, i18n } = useLingui();
  const [way, setWay] = useState<Way>(guests ? "guest" : "signIn");
  const signIn = useSignIn(onDone);
  const { busy, error } = signIn;
  const names: Record<Way, string> = { guest: t`As a guest`, signIn: t`Sign in`, register: t`Register` };
  const field = error instanceof GraphError && FIELDS.includes(error.field ?? "") ? error.field : null;
  const problem = (name: string) => (field === name ? wordsOf(error) : null);

  const enter = async (email: string, name: string, password: string) => {
    const { timeZone: timezone } = Intl.DateTimeFormat().resolvedOptions();
    const about = { email, locale: i18n.locale, timezone };
    if (way === "guest") return (await send(ContinueAsGuestDocument, { input: { ...about, name } }, null)).continueAsGuest;
    if (way === "signIn") return (await send(SignInDocument, { input: { email, password } }, null)).login;
    return (await send(MakeAccountDocument, { input: { ...about, name, password } }, null)).register;
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    await signIn.enter(() => enter(text("email").trim(), text("name").trim(), text("password")));
  };
  if (signIn.step) return <SecondStepForm step={signIn.step} signIn={signIn} />;
  return (
    <div className={styles.forms}>
      {/* biome-ignore lint/a11y/useSemanticElements: a switch between three forms */}
      <div className={styles.ways} role="group" aria-label={t`How do you want to go on?`}>
        {(Object.keys(names) as Way[])
          .filter((one) => guests || one !== "guest")
          .map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={way === one}
              onClick={() => {
                setWay(one);
                signIn.startAnew();
              }}
            >
              {names[one]}
            </button>
          ))}
      </div>
      <form key={way} className={styles.form} onSubmit={submit}>
        {way === "guest" && (
          <p className="soft">
            <Trans>No password: your tickets come by mail, and are shown here.</Trans>
          </p>
        )}
        {way !== "signIn" && <Field label={t`Name`} name="name" autoComplete="name" required maxLength={100} problem={problem("name")} />}
        <Field label={t`E-mail`} name="email" type="email" autoComplete="email" required problem={problem("email")} />
        {way !== "guest" && (
          <Field
            label={t`Password`}
            name="password"
            type="password"
            autoComplete={way === "register" ? "new-password" : "current-password"}
            required
            minLength={way === "register" ? 8 : 1}
            hint={way === "register" ? t`At least 8 characters` : undefined}
            problem={problem("password")}
          />
        )}
        {error !== null && field === null && <Refused error={error} focused={false} />}
        <Button type="submit" isDisabled={busy}>
          {way === "guest" ? t`Go on as a guest` : names[way]}
        </Button>
      </form>
      {way === "signIn" && (
        <Suspense>
          <OtherWays signIn={signIn} />
        </Suspense>
      )}
    </div>
  );
}
