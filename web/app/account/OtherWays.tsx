import { Trans } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asking } from "../graph/ask";
import { BeginForeignSignInDocument, ShowSignInProvidersDocument } from "../graph/generated/graphql";
import { send } from "../graph/transport";
import { Button } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { leaveFor } from "./foreign";
import { PasskeyButton } from "./PasskeyButton";
import styles from "./SignInForms.module.css";
import type { useSignIn } from "./useSignIn";

/** Ways to sign in besides the password, and what to do when it is forgotten. */
export function OtherWays({ signIn }: { signIn: ReturnType<typeof useSignIn> }) {
  const { data } = useQuery({
    queryKey: ["sign-in providers"],
    ...asking(ShowSignInProvidersDocument, {}),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const go = useMutation({
    mutationFn: (provider: string) => send(BeginForeignSignInDocument, { provider }, null),
    onSuccess: ({ beginForeignSignIn: begun }) => begun && leaveFor(begun),
  });
  return (
    <div className={styles.others}>
      <PasskeyButton signIn={signIn} />
      {data?.signInProviders?.map(({ key, label }) => (
        <Button key={key} look="quiet" isDisabled={go.isPending} onPress={() => go.mutate(key)}>
          <Trans>Sign in with {label}</Trans>
        </Button>
      ))}
      {go.error && <Failure error={go.error} />}
      <Link to="/account/forgot">
        <Trans>Forgot your password?</Trans>
      </Link>
    </div>
  );
}
