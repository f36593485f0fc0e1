import { Trans, useLingui } from "@lingui/react/macro";
import { Link, useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { FinishForeignSignInDocument, type FinishForeignSignInInput } from "../graph/generated/graphql";
import { send } from "../graph/transport";
import { buttonLook } from "../ui/Button";
import { Refused } from "../ui/Failure";
import { Notice } from "../ui/Notice";
import { cameBack, type Return } from "./foreign";
import { LinkElsewhere } from "./LinkElsewhere";
import { SecondStepForm } from "./SecondStepForm";
import { usePerson } from "./session";
import { useSignIn } from "./useSignIn";

/** Where somebody comes back to who went to an account elsewhere: to sign in by it, or to link it. */
export function ForeignPage() {
  const { t } = useLingui();
  const { history } = useRouter();
  const person = usePerson();
  const [back, setBack] = useState<Return | null>(null);
  const asked = useRef(false);
  useEffect(() => {
    document.title = `${t`Sign in`} – Odysseus`;
  }, [t]);
  // Once: what the browser came with is good once.
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    setBack(cameBack(location.search));
    history.replace(location.pathname);
  }, [history]);
  const instead = person ? (
    <Link to="/account/security" className={buttonLook("quiet")}>
      <Trans>Back to security</Trans>
    </Link>
  ) : (
    <Link to="/sign-in" className={buttonLook("quiet")}>
      <Trans>Sign in another way</Trans>
    </Link>
  );
  return (
    <div className="page narrow" aria-busy={back === null}>
      <h1>{person ? <Trans>An account elsewhere</Trans> : <Trans>Come aboard</Trans>}</h1>
      <br />
      {back === "REFUSED" && (
        <Notice focused>
          <p>
            <Trans>It was not allowed there, so nothing has changed here.</Trans>
          </p>
          {instead}
        </Notice>
      )}
      {back === "NOTHING" && (
        <Notice focused>
          <p>
            <Trans>Nothing came back from there. Begin once more.</Trans>
          </p>
          {instead}
        </Notice>
      )}
      {typeof back === "object" && back?.left.links && <LinkElsewhere input={back.input} />}
      {typeof back === "object" && back && !back.left.links && <EnterElsewhere input={back.input} to={back.left.back} />}
    </div>
  );
}

function EnterElsewhere({ input, to }: { input: FinishForeignSignInInput; to: string }) {
  const navigate = useNavigate();
  const signIn = useSignIn(() => navigate({ to: to === "/sign-in" ? "/" : to, replace: true }));
  const asked = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, since a code is good once
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    signIn.enter(async () => (await send(FinishForeignSignInDocument, { input }, null)).finishForeignSignIn);
  }, []);
  if (signIn.step) return <SecondStepForm step={signIn.step} signIn={signIn} />;
  if (signIn.error !== null) {
    return (
      <Refused error={signIn.error}>
        <Link to="/sign-in" className={buttonLook("quiet")}>
          <Trans>Sign in another way</Trans>
        </Link>
      </Refused>
    );
  }
  return (
    <p role="status">
      <Trans>One moment…</Trans>
    </p>
  );
}
