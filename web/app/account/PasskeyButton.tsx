import { Trans } from "@lingui/react/macro";
import { KeyRound } from "lucide-react";
import { BeginPasskeySignInDocument, FinishPasskeySignInDocument } from "../graph/generated/graphql";
import { send } from "../graph/transport";
import { Button } from "../ui/Button";
import { knowsPasskeys, showPasskey } from "./passkeys";
import type { useSignIn } from "./useSignIn";

/** Signs in by what the device keeps: no name, no password. */
export function PasskeyButton({ signIn }: { signIn: ReturnType<typeof useSignIn> }) {
  if (!knowsPasskeys()) return null;
  const enter = () =>
    signIn.enter(async () => {
      const { beginPasskeySignIn: asked } = await send(BeginPasskeySignInDocument, {}, null);
      const answer = asked && (await showPasskey(asked.options));
      if (!asked || !answer) return null;
      return (await send(FinishPasskeySignInDocument, { input: { challenge: asked.challenge, answer } }, null)).finishPasskeySignIn;
    });
  return (
    <Button look="quiet" isDisabled={signIn.busy} onPress={enter}>
      <KeyRound aria-hidden />
      <Trans>Sign in with a passkey</Trans>
    </Button>
  );
}
