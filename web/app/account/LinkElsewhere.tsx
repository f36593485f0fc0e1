import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { ask, asking } from "../graph/ask";
import {
  type FinishForeignSignInInput,
  LinkForeignAccountDocument,
  type ProofInput,
  ShowSecurityDocument,
} from "../graph/generated/graphql";
import { GraphError } from "../graph/transport";
import { buttonLook } from "../ui/Button";
import { Refused } from "../ui/Failure";
import { useStatus } from "../ui/useStatus";
import styles from "./AccountPage.module.css";
import { ProofForm } from "./security/ProofForm";
import { SECURITY } from "./security/secured";

/** Links the account elsewhere that somebody comes back from. A login a moment ago is proof enough that it is them. */
export function LinkElsewhere({ input }: { input: FinishForeignSignInInput }) {
  const { t } = useLingui();
  const say = useStatus();
  const client = useQueryClient();
  const navigate = useNavigate();
  const leave = () => navigate({ to: "/account/security", replace: true });
  const done = async () => {
    client.invalidateQueries({ queryKey: SECURITY });
    await leave();
    say(t`It opens your account from now on.`);
  };
  const link = useMutation({
    mutationFn: (proof: ProofInput | null) => ask(LinkForeignAccountDocument, { input, proof }),
    onSuccess: done,
  });
  const asked = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, since a code is good once
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    link.mutate(null);
  }, []);
  const asksForProof = link.error instanceof GraphError && link.error.field === "password";
  const { data } = useQuery({ queryKey: SECURITY, ...asking(ShowSecurityDocument, {}), enabled: asksForProof });
  if (asksForProof) {
    return (
      <div className={styles.part} aria-busy={!data}>
        <p>
          <Trans>You signed in here a while ago: show once more that it is you, and the account there is linked.</Trans>
        </p>
        {data?.me && (
          <ProofForm
            factors={data.me.secondFactors ?? []}
            word={<Trans>Link it</Trans>}
            onProof={async (proof) => {
              await ask(LinkForeignAccountDocument, { input, proof });
              await done();
            }}
            onLeave={leave}
          />
        )}
      </div>
    );
  }
  if (link.error) {
    return (
      <Refused error={link.error}>
        <Link to="/account/security" className={buttonLook("quiet")}>
          <Trans>Back to security</Trans>
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
