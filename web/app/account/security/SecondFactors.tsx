import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ask } from "../../graph/ask";
import {
  BeginPasskeyDocument,
  BeginTotpDocument,
  type BeginTotpMutation,
  ConfirmTotpDocument,
  FinishPasskeyDocument,
  RemoveSecondFactorDocument,
  RenewRecoveryCodesDocument,
} from "../../graph/generated/graphql";
import { Button } from "../../ui/Button";
import { wordsOf } from "../../ui/Failure";
import { Field } from "../../ui/Field";
import { useFormats } from "../../words/useFormats";
import styles from "../AccountPage.module.css";
import { knowsPasskeys, makePasskey } from "../passkeys";
import { RecoveryCodes } from "./RecoveryCodes";
import { SECURITY, type Secured } from "./SecurityPage";

type Factor = NonNullable<Secured["secondFactors"]>[number];
/** For what somebody shows once more that it is them. */
type Wish = { kind: "app" | "passkey" | "codes" } | { kind: "remove"; factor: Factor };

/** What is shown at a login besides the password. */
export function SecondFactors({ factors }: { factors: Factor[] }) {
  const { t } = useLingui();
  const format = useFormats();
  const client = useQueryClient();
  const [wish, setWish] = useState<Wish | null>(null);
  const [codes, setCodes] = useState<string[]>([]);
  const [enrolment, setEnrolment] = useState<BeginTotpMutation["beginTotp"]>(null);
  const done = (fresh: readonly string[] = []) => {
    setWish(null);
    setEnrolment(null);
    setCodes([...fresh]);
    client.invalidateQueries({ queryKey: SECURITY });
  };
  const names: Record<Factor["kind"], string> = { TOTP: t`App with codes`, PASSKEY: t`Passkey`, RECOVERY_CODES: t`Recovery codes` };
  const own = factors.filter(({ kind }) => kind !== "RECOVERY_CODES");
  return (
    <section className={styles.part} aria-labelledby="factors">
      <h2 id="factors">
        <Trans>Second step</Trans>
      </h2>
      <p>
        <Trans>With a second step a stolen password opens nothing.</Trans>
      </p>
      <ul className={styles.list}>
        {factors.map((factor) => (
          <li key={factor.id} data-testid="factor">
            <span>
              <strong>{factor.name || names[factor.kind]}</strong>
              <span className="soft">
                {factor.name && `${names[factor.kind]}, `}
                {format.moment(factor.createdAt)}
              </span>
            </span>
            <Button look="quiet" onPress={() => setWish(factor.kind === "RECOVERY_CODES" ? { kind: "codes" } : { kind: "remove", factor })}>
              {factor.kind === "RECOVERY_CODES" ? <Trans>Make new ones</Trans> : <Trans>Remove</Trans>}
            </Button>
          </li>
        ))}
      </ul>
      {codes.length > 0 && <RecoveryCodes codes={codes} onKept={() => setCodes([])} />}
      {enrolment && <AppCode enrolment={enrolment} onDone={done} onLeave={() => setEnrolment(null)} />}
      {wish && (
        <Proof key={wish.kind} wish={wish} withCode={own.length > 0} onBegun={setEnrolment} onDone={done} onLeave={() => setWish(null)} />
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
    </section>
  );
}

/** Shows once more that it is the account's owner, and does what they want. */
function Proof(props: {
  wish: Wish;
  withCode: boolean;
  onBegun: (enrolment: BeginTotpMutation["beginTotp"]) => void;
  onDone: (codes?: readonly string[]) => void;
  onLeave: () => void;
}) {
  const { wish, withCode, onBegun, onDone, onLeave } = props;
  const { t } = useLingui();
  const act = useMutation({
    mutationFn: async (proof: { password?: string; code?: string }) => {
      switch (wish.kind) {
        case "app":
          onBegun((await ask(BeginTotpDocument, { proof })).beginTotp);
          return onLeave();
        case "passkey": {
          const { beginPasskey: begun } = await ask(BeginPasskeyDocument, { proof });
          const answer = begun && (await makePasskey(begun.options));
          if (!begun || !answer) return onLeave();
          return onDone((await ask(FinishPasskeyDocument, { input: { challenge: begun.challenge, answer } })).finishPasskey?.recoveryCodes);
        }
        case "codes":
          return onDone((await ask(RenewRecoveryCodesDocument, { proof })).renewRecoveryCodes ?? []);
        case "remove":
          await ask(RemoveSecondFactorDocument, { id: wish.factor.id, proof });
          return onDone();
      }
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const [password, code] = [String(given.get("password") ?? ""), String(given.get("code") ?? "").replace(/\s/g, "")];
    act.mutate({ ...(password ? { password } : {}), ...(code && !password ? { code } : {}) });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <div className={styles.pair}>
        <Field
          label={t`Your password`}
          name="password"
          type="password"
          autoComplete="current-password"
          required={!withCode}
          problem={act.error ? (wordsOf(act.error) ?? t`That did not work. Try again.`) : null}
        />
        {withCode && <Field label={t`or a code`} name="code" autoComplete="one-time-code" maxLength={40} />}
      </div>
      <div className={styles.ways}>
        <Button type="submit" isDisabled={act.isPending}>
          {wish.kind === "remove" ? <Trans>Remove</Trans> : <Trans>Go on</Trans>}
        </Button>
        <Button look="plain" onPress={onLeave}>
          <Trans>Back</Trans>
        </Button>
      </div>
    </form>
  );
}

/** The picture that an app reads, and the first code that it shows. */
function AppCode(props: {
  enrolment: NonNullable<BeginTotpMutation["beginTotp"]>;
  onDone: (codes?: readonly string[]) => void;
  onLeave: () => void;
}) {
  const { enrolment, onDone, onLeave } = props;
  const { t } = useLingui();
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
    <form className={styles.form} onSubmit={submit}>
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
      <p className="numbers" data-testid="key">
        {enrolment.secret}
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
