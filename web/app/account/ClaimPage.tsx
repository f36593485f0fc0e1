import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ask, asking } from "../graph/ask";
import { ClaimOrderDocument, type ClaimOrderInput, ShowProfileDocument } from "../graph/generated/graphql";
import { GraphError } from "../graph/transport";
import { Button, buttonLook } from "../ui/Button";
import { Failure, Refused } from "../ui/Failure";
import { Notice } from "../ui/Notice";
import { useStatus } from "../ui/useStatus";
import styles from "./AccountPage.module.css";
import { BecomeMember } from "./BecomeMember";
import { type Claim, claimIn, keepClaim, keptClaim } from "./claim";
import { BrokenLink } from "./LinkPages";
import { SignInForms } from "./SignInForms";
import { signOut, usePerson } from "./session";

/** The link of a guest's confirmation mail, by which the order comes into an account. */
export function ClaimPage() {
  const { t } = useLingui();
  const { history } = useRouter();
  const person = usePerson();
  const [claim] = useState(() => claimIn(location.search) ?? keptClaim());
  useEffect(() => {
    document.title = `${t`Take an order over`} – Odysseus`;
  }, [t]);
  // It opens the order to whoever has it: it is taken out of the address, which may be seen or shared.
  useEffect(() => {
    if (!location.search) return;
    keepClaim(claim);
    history.replace(location.pathname);
  }, [claim, history]);
  return (
    <div className="page narrow">
      <h1>
        <Trans>Take an order over</Trans>
      </h1>
      <br />
      {claim ? (
        <div className={styles.part}>
          <p className={styles.address}>
            <Trans>
              Order <strong>{claim.number}</strong> was bought as a guest, with the address <strong>{claim.email}</strong>.
            </Trans>
          </p>
          {!person && (
            <>
              <p>
                <Trans>Sign in or register, and it comes into your account with its tickets.</Trans>
              </p>
              <div>
                <SignInForms guests={false} onDone={() => {}} />
              </div>
            </>
          )}
          {person?.guest && <AsGuest />}
          {person && !person.guest && <AsMember claim={claim} email={person.email ?? ""} />}
        </div>
      ) : (
        <BrokenLink>
          <Link to="/orders" className={buttonLook("quiet")}>
            <Trans>My orders</Trans>
          </Link>
        </BrokenLink>
      )}
    </div>
  );
}

/** A guest has no account for it yet: this visit becomes one, or it is left for another. */
function AsGuest() {
  const person = usePerson();
  const { data, error, refetch } = useQuery({ queryKey: ["account", "profile", person?.email], ...asking(ShowProfileDocument, {}) });
  return (
    <>
      {error && <Failure error={error} again={() => refetch()} />}
      {data?.me && <BecomeMember me={data.me} />}
      <Button look="quiet" onPress={signOut}>
        <Trans>Sign in with another account</Trans>
      </Button>
    </>
  );
}

function AsMember({ claim, email }: { claim: Claim; email: string }) {
  const { t } = useLingui();
  const say = useStatus();
  const client = useQueryClient();
  const navigate = useNavigate();
  const take = useMutation({
    mutationFn: (input: ClaimOrderInput) => ask(ClaimOrderDocument, { input }),
    onSuccess: async ({ claimOrder }) => {
      if (!claimOrder) return;
      keepClaim(null);
      client.invalidateQueries({ queryKey: ["orders"] });
      await navigate({ to: "/orders/$order", params: { order: claimOrder.id }, replace: true });
      say(t`The order is in your account.`);
    },
  });
  const isUnknown = take.error instanceof GraphError && take.error.code === "NOT_FOUND";
  return (
    <>
      <p className={styles.address}>
        <Trans>
          It comes into the account of <strong>{email}</strong>, with its tickets; they stay as they are.
        </Trans>
      </p>
      {isUnknown && (
        <Notice focused>
          <p>
            <Trans>This link leads to no order. Open it from the mail once more, all of it.</Trans>
          </p>
        </Notice>
      )}
      {take.error && !isUnknown && <Refused error={take.error} />}
      <div className={styles.ways}>
        <Button isDisabled={take.isPending} onPress={() => take.mutate(claim)}>
          <Trans>Take it over</Trans>
        </Button>
        <Button look="quiet" onPress={signOut}>
          <Trans>Sign in with another account</Trans>
        </Button>
      </div>
    </>
  );
}
