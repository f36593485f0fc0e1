import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, asking } from "../../graph/ask";
import {
  BeginForeignSignInDocument,
  type ProofInput,
  ShowSignInProvidersDocument,
  UnlinkForeignAccountDocument,
} from "../../graph/generated/graphql";
import { Button } from "../../ui/Button";
import { Refused } from "../../ui/Failure";
import { useFormats } from "../../words/useFormats";
import styles from "../AccountPage.module.css";
import { leaveFor } from "../foreign";
import { ProofForm } from "./ProofForm";
import { SECURITY, type Secured } from "./secured";
import { useSection } from "./useSection";

type Foreign = NonNullable<Secured["foreignAccounts"]>[number];

/** The accounts elsewhere by which somebody signs in here. */
export function ForeignAccounts({ me: { foreignAccounts, secondFactors } }: { me: Secured }) {
  const { t } = useLingui();
  const format = useFormats();
  const client = useQueryClient();
  const { heading, close } = useSection();
  const [leaving, setLeaving] = useState<Foreign | null>(null);
  const providers = useQuery({
    queryKey: ["sign-in providers"],
    ...asking(ShowSignInProvidersDocument, {}),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const go = useMutation({
    mutationFn: (provider: string) => ask(BeginForeignSignInDocument, { provider }),
    onSuccess: ({ beginForeignSignIn: begun }) => begun && leaveFor(begun, true),
  });
  const unlink = async (proof: ProofInput) => {
    if (!leaving) return;
    await ask(UnlinkForeignAccountDocument, { id: leaving.id, proof });
    setLeaving(null);
    close(t`It opens your account no longer.`);
    client.invalidateQueries({ queryKey: SECURITY });
  };
  const linked = foreignAccounts ?? [];
  const offered = providers.data?.signInProviders ?? [];
  if (linked.length === 0 && offered.length === 0) return null;
  const nameOf = ({ provider }: Foreign) => provider?.label ?? t`An account elsewhere`;
  return (
    <section className={styles.part} aria-labelledby="foreign">
      <h2 id="foreign" ref={heading} tabIndex={-1}>
        <Trans>Accounts elsewhere</Trans>
      </h2>
      <p>
        <Trans>Sign in here by an account that you have elsewhere, without a password of ours.</Trans>
      </p>
      {linked.length > 0 && (
        <ul className={styles.list}>
          {linked.map((one) => (
            <li key={one.id} data-testid="foreign-account">
              <span>
                <strong>{nameOf(one)}</strong>
                <span className="soft">
                  <Trans>Since {format.moment(one.linkedAt)}</Trans>
                </span>
              </span>
              <Button look="quiet" aria-label={t`Unlink ${nameOf(one)}`} onPress={() => setLeaving(one)}>
                <Trans>Unlink</Trans>
              </Button>
            </li>
          ))}
        </ul>
      )}
      {leaving ? (
        <ProofForm
          key={leaving.id}
          factors={secondFactors ?? []}
          word={<Trans>Unlink</Trans>}
          onProof={unlink}
          onLeave={() => {
            setLeaving(null);
            close();
          }}
        >
          <p>
            <Trans>
              “{nameOf(leaving)}” will open your account no longer. See that you have a password: without one, only a mail leads back in.
            </Trans>
          </p>
        </ProofForm>
      ) : (
        <div className={styles.ways}>
          {offered.map(({ key, label }) => (
            <Button key={key} look="quiet" isDisabled={go.isPending} onPress={() => go.mutate(key)}>
              <Trans>Link an account of {label}</Trans>
            </Button>
          ))}
        </div>
      )}
      {go.error && <Refused error={go.error} />}
    </section>
  );
}
