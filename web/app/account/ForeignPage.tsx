import { Trans, useLingui } from "@lingui/react/macro";
import { Link, useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { FinishForeignSignInDocument } from "../graph/generated/graphql";
import { send } from "../graph/transport";
import { buttonLook } from "../ui/Button";
import { Refused } from "../ui/Failure";
import { cameBack } from "./foreign";
import { SecondStepForm } from "./SecondStepForm";
import { useSignIn } from "./useSignIn";

/** Where somebody comes back to who signed in elsewhere. */
export function ForeignPage() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { history } = useRouter();
  const back = useRef("/");
  const signIn = useSignIn(() => navigate({ to: back.current, replace: true }));
  const asked = useRef(false);
  useEffect(() => {
    document.title = `${t`Sign in`} – Odysseus`;
  }, [t]);
  // Once: what the browser came with is good once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at the beginning
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    const given = new URLSearchParams(location.search);
    const [state, code] = [given.get("state"), given.get("code")];
    history.replace(location.pathname);
    const left = cameBack();
    if (!left || !state || !code) {
      signIn.enter(async () => Promise.reject(new Error("Nothing came back.")));
      return;
    }
    back.current = left.back === "/sign-in" ? "/" : left.back;
    const input = { challenge: left.challenge, state, code };
    signIn.enter(async () => (await send(FinishForeignSignInDocument, { input }, null)).finishForeignSignIn);
  }, []);
  return (
    <div className="page narrow" aria-busy={signIn.busy}>
      <h1>
        <Trans>Come aboard</Trans>
      </h1>
      <br />
      {signIn.busy && !signIn.step && (
        <p role="status">
          <Trans>One moment…</Trans>
        </p>
      )}
      {signIn.step && <SecondStepForm step={signIn.step} signIn={signIn} />}
      {signIn.error !== null && !signIn.step && (
        <Refused error={signIn.error}>
          <Link to="/sign-in" className={buttonLook("quiet")}>
            <Trans>Sign in another way</Trans>
          </Link>
        </Refused>
      )}
    </div>
  );
}
