import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { SignInForms } from "./SignInForms";

export function SignInPage() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { history } = useRouter();
  useEffect(() => {
    document.title = `${t`Sign in`} – Odysseus`;
  }, [t]);
  return (
    <div className="page narrow">
      <h1>
        <Trans>Come aboard</Trans>
      </h1>
      <br />
      <SignInForms guests={false} onDone={() => (history.canGoBack() ? history.back() : navigate({ to: "/" }))} />
    </div>
  );
}
