import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../graph/ask";
import {
  BeginPasskeyDocument,
  BeginTotpDocument,
  type BeginTotpMutation,
  FinishPasskeyDocument,
  type ProofInput,
  RemoveSecondFactorDocument,
  RenewRecoveryCodesDocument,
} from "../../graph/generated/graphql";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { useFormats } from "../../words/useFormats";
import styles from "../AccountPage.module.css";
import { knowsPasskeys, makePasskey, namedPage } from "../passkeys";
import { AppCode } from "./AppCode";
import { ProofForm } from "./ProofForm";
import { RecoveryCodes } from "./RecoveryCodes";
import { SECURITY, type Secured } from "./secured";
import { useSection } from "./useSection";

type Factor = NonNullable<Secured["secondFactors"]>[number];
/** For what somebody shows once more that it is them. */
type Wish = { kind: "app" | "passkey" | "codes" } | { kind: "remove"; factor: Factor };

/** What is shown at a login besides the password. */
export function SecondFactors({ factors }: { factors: Factor[] }) {
  const { t } = useLingui();
  const format = useFormats();
  const client = useQueryClient();
  const { heading, close } = useSection();
  const [wish, setWish] = useState<Wish | null>(null);
  const [codes, setCodes] = useState<string[]>([]);
  const [enrolment, setEnrolment] = useState<BeginTotpMutation["beginTotp"]>(null);
  const leave = () => {
    setWish(null);
    setEnrolment(null);
    close();
  };
  const done = (words: string, fresh: readonly string[] = []) => {
    setWish(null);
    setEnrolment(null);
    setCodes([...fresh]);
    close(words);
    client.invalidateQueries({ queryKey: SECURITY });
  };
  const act = async (proof: ProofInput, given: FormData) => {
    switch (wish?.kind) {
      case "app":
        setEnrolment((await ask(BeginTotpDocument, { proof })).beginTotp);
        return setWish(null);
      case "passkey": {
        const { beginPasskey: begun } = await ask(BeginPasskeyDocument, { proof });
        const answer = begun && (await makePasskey(begun.options));
        if (!begun || !answer) return leave();
        const name = String(given.get("name") ?? "").trim();
        const input = { challenge: begun.challenge, answer, ...(name ? { name } : {}) };
        return done(t`The passkey is added.`, (await ask(FinishPasskeyDocument, { input })).finishPasskey?.recoveryCodes);
      }
      case "codes":
        return done(
          t`The codes before are worth nothing any more.`,
          (await ask(RenewRecoveryCodesDocument, { proof })).renewRecoveryCodes ?? [],
        );
      case "remove":
        await ask(RemoveSecondFactorDocument, { id: wish.factor.id, proof });
        return done(t`It is removed.`);
    }
  };
  const names: Record<Factor["kind"], string> = { TOTP: t`App with codes`, PASSKEY: t`Passkey`, RECOVERY_CODES: t`Recovery codes` };
  // Recovery codes are named by nobody.
  const nameOf = ({ kind, name }: Factor) => (kind === "RECOVERY_CODES" ? names[kind] : name || names[kind]);
  const named = namedPage();
  return (
    <section className={styles.part} aria-labelledby="factors">
      <h2 id="factors" ref={heading} tabIndex={-1}>
        <Trans>Second step</Trans>
      </h2>
      <p>
        <Trans>With a second step a stolen password opens nothing.</Trans>
      </p>
      <ul className={styles.list}>
        {factors.map((factor) => {
          const name = nameOf(factor);
          return (
            <li key={factor.id} data-testid="factor">
              <span>
                <strong>{name}</strong>
                <span className="soft">
                  {name !== names[factor.kind] && `${names[factor.kind]}, `}
                  {format.moment(factor.createdAt)}
                </span>
              </span>
              {factor.kind === "RECOVERY_CODES" ? (
                <Button look="quiet" onPress={() => setWish({ kind: "codes" })}>
                  <Trans>Make new ones</Trans>
                </Button>
              ) : (
                <Button look="quiet" aria-label={t`Remove ${name}`} onPress={() => setWish({ kind: "remove", factor })}>
                  <Trans>Remove</Trans>
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {codes.length > 0 && (
        <RecoveryCodes
          codes={codes}
          onKept={() => {
            setCodes([]);
            close();
          }}
        />
      )}
      {enrolment && <AppCode enrolment={enrolment} onDone={(fresh) => done(t`The app is added.`, fresh)} onLeave={leave} />}
      {wish && (
        <ProofForm
          key={wish.kind}
          factors={factors}
          word={wish.kind === "remove" ? <Trans>Remove</Trans> : <Trans>Go on</Trans>}
          onProof={act}
          onLeave={leave}
        >
          <p>
            {wish.kind === "remove" ? (
              <Trans>Show that it is you, to remove “{nameOf(wish.factor)}”.</Trans>
            ) : (
              <Trans>Show that it is you.</Trans>
            )}
          </p>
          {wish.kind === "passkey" && (
            <Field label={t`What you call it`} name="name" maxLength={60} hint={t`Such as “My telephone”; you may leave it empty.`} />
          )}
        </ProofForm>
      )}
      {!wish && !enrolment && (
        <div className={styles.ways}>
          <Button look="quiet" onPress={() => setWish({ kind: "app" })}>
            <Trans>Add an app with codes</Trans>
          </Button>
          {knowsPasskeys() && (
            <Button look="quiet" onPress={() => setWish({ kind: "passkey" })}>
              <Trans>Add a passkey</Trans>
            </Button>
          )}
        </div>
      )}
      {named && (
        <p className="soft">
          <Trans>
            Passkeys belong to a name, and this page was opened by a number: <a href={named}>open it as localhost</a> to add one.
          </Trans>
        </p>
      )}
    </section>
  );
}
