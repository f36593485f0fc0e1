import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useRef } from "react";
import { BeginPasskeySignInDocument, type ProofInput } from "../../graph/generated/graphql";
import { GraphError, send } from "../../graph/transport";
import { Button } from "../../ui/Button";
import { Refused, wordsOf } from "../../ui/Failure";
import { Field } from "../../ui/Field";
import styles from "../AccountPage.module.css";
import { NoPassword } from "../NoPassword";
import { knowsPasskeys, PasskeyError, showPasskey } from "../passkeys";
import type { Secured } from "./secured";

type Factors = NonNullable<Secured["secondFactors"]>;

/** Has somebody who is signed in show once more that it is them, by whatever they have, and does then what they want. */
export function ProofForm(props: {
  factors: Factors;
  /** What is asked for besides. */
  children?: ReactNode;
  /** What the button says. */
  word: ReactNode;
  onProof: (proof: ProofInput, given: FormData) => Promise<void>;
  onLeave: () => void;
}) {
  const { factors, children, word, onProof, onLeave } = props;
  const { t } = useLingui();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const act = useMutation({
    mutationFn: async (by: "typed" | "passkey") => {
      if (!form.current) return;
      const given = new FormData(form.current);
      const proof = by === "passkey" ? await byPasskey() : typed(given);
      if (proof) await onProof(proof, given);
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    act.mutate("typed");
  };
  const withCode = factors.length > 0;
  const field = act.error instanceof GraphError ? act.error.field : null;
  const trouble = act.error instanceof PasskeyError ? act.error.trouble : null;
  return (
    <form ref={form} className={styles.form} onSubmit={submit}>
      {children}
      <div className={styles.pair}>
        <Field
          label={t`Your password`}
          name="password"
          type="password"
          autoComplete="current-password"
          required={!withCode}
          problem={field === "password" ? wordsOf(act.error) : null}
        />
        {withCode && (
          <Field
            label={t`or a code`}
            name="code"
            autoComplete="one-time-code"
            maxLength={40}
            hint={t`Of your app, or a recovery code`}
            problem={field === "code" ? wordsOf(act.error) : null}
          />
        )}
      </div>
      {act.error && field !== "password" && field !== "code" && !trouble && <Refused error={act.error} />}
      {trouble && (
        <p role="alert">
          {trouble === "KNOWN_HERE" ? (
            <Trans>This device keeps a passkey of yours already.</Trans>
          ) : (
            <Trans>Passkeys belong to another address of this shop.</Trans>
          )}
        </p>
      )}
      <div className={styles.ways}>
        <Button type="submit" isDisabled={act.isPending}>
          {word}
        </Button>
        {knowsPasskeys() && factors.some(({ kind }) => kind === "PASSKEY") && (
          <Button look="quiet" isDisabled={act.isPending} onPress={() => act.mutate("passkey")}>
            <KeyRound aria-hidden />
            <Trans>Use a passkey instead</Trans>
          </Button>
        )}
        <Button look="plain" onPress={onLeave}>
          <Trans>Back</Trans>
        </Button>
      </div>
      <NoPassword />
    </form>
  );
}

/** What was typed: one proof is enough, so the code is left where there is a password. */
function typed(given: FormData): ProofInput {
  const password = String(given.get("password") ?? "");
  const code = String(given.get("code") ?? "").replace(/\s/g, "");
  if (password) return { password };
  return code ? { code } : {};
}

async function byPasskey(): Promise<ProofInput | null> {
  const { beginPasskeySignIn: asked } = await send(BeginPasskeySignInDocument, {}, null);
  const answer = asked && (await showPasskey(asked.options));
  return asked && answer ? { passkey: { challenge: asked.challenge, answer } } : null;
}
