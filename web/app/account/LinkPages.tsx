import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useRouter, useRouterState } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { ask } from "../graph/ask";
import { AcceptInvitationDocument, ConfirmNewAddressDocument, VerifyAddressDocument } from "../graph/generated/graphql";
import { Button, buttonLook } from "../ui/Button";
import { Failure, Refused } from "../ui/Failure";
import { Notice } from "../ui/Notice";
import styles from "./AccountPage.module.css";
import { SignInForms } from "./SignInForms";
import { usePerson } from "./session";

/** What stands behind `#token=` in the link of a mail. It is taken out of the address, which may be seen or shared. */
export function useTokenOfLink(): string | null {
  const { history } = useRouter();
  const hash = useRouterState({ select: ({ location }) => location.hash });
  const [token, setToken] = useState(() => tokenIn(hash));
  useEffect(() => {
    if (!hash) return;
    setToken(tokenIn(hash));
    history.replace(location.pathname);
  }, [hash, history]);
  return token;
}

function tokenIn(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("token");
}

/** Said where a link has lost its end, as it does when it is copied by hand. */
export function BrokenLink({ children }: { children?: ReactNode }) {
  return (
    <Notice>
      <p>
        <Trans>This link is not whole. Open it from the mail once more.</Trans>
      </p>
      {children}
    </Notice>
  );
}

function ToTheAccount() {
  return (
    <Link to="/account" className={buttonLook("quiet")}>
      <Trans>To your account</Trans>
    </Link>
  );
}

/** What is wrong with a link about one's account, and the way there. */
function Trouble({ token, error }: { token: string | null; error: unknown }) {
  if (token === null)
    return (
      <BrokenLink>
        <ToTheAccount />
      </BrokenLink>
    );
  if (!error) return null;
  return (
    <Refused error={error} focused={false}>
      <ToTheAccount />
    </Refused>
  );
}

/** The link of the mail that asks whether an address is somebody's. */
export function VerifyPage() {
  const { t } = useLingui();
  const token = useTokenOfLink();
  useEffect(() => {
    document.title = `${t`Confirm your address`} – Odysseus`;
  }, [t]);
  // The link is good once; what was answered is kept.
  const { data, error } = useQuery({
    queryKey: ["verified", token],
    queryFn: () => ask(VerifyAddressDocument, { token: token ?? "" }),
    enabled: token !== null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnReconnect: false,
  });
  return (
    <div className="page narrow" aria-busy={token !== null && !data && !error}>
      <h1>{data ? <Trans>Thank you</Trans> : <Trans>Confirm your address</Trans>}</h1>
      <br />
      <Trouble token={token} error={error} />
      {data && (
        <div className={styles.part}>
          <p>
            <Trans>Your address is confirmed. Mail reaches you.</Trans>
          </p>
          <Link to="/" search={{}} className={buttonLook()}>
            <Trans>See what is on</Trans>
          </Link>
        </div>
      )}
    </div>
  );
}

/** The link of the mail by which an organizer invites somebody. */
export function InvitationPage() {
  const { t } = useLingui();
  const token = useTokenOfLink();
  const person = usePerson();
  useEffect(() => {
    document.title = `${t`Invitation`} – Odysseus`;
  }, [t]);
  const accept = useMutation({ mutationFn: () => ask(AcceptInvitationDocument, { token: token ?? "" }) });
  const organization = accept.data?.acceptInvitation?.name ?? "";
  return (
    <div className="page narrow">
      <h1>
        <Trans>You are invited</Trans>
      </h1>
      <br />
      {token === null && <BrokenLink />}
      {token !== null && !person && (
        <>
          <p>
            <Trans>Sign in with the address that the mail went to, or register with it.</Trans>
          </p>
          <br />
          <SignInForms guests={false} onDone={() => {}} />
        </>
      )}
      {token !== null && person && !accept.isSuccess && (
        <div className={styles.part}>
          <p>
            <Trans>An organizer would like you as a member. You accept it as {person.email}.</Trans>
          </p>
          {accept.error && <Failure error={accept.error} />}
          <Button isDisabled={accept.isPending} onPress={() => accept.mutate()}>
            <Trans>Accept</Trans>
          </Button>
        </div>
      )}
      {accept.isSuccess && (
        <Notice look="calm" focused>
          <p>
            <Trans>You belong to {organization} now.</Trans>
          </p>
          <ToTheAccount />
        </Notice>
      )}
    </div>
  );
}

/** The links by which a new address is confirmed, one mailed to each of both addresses. */
export function NewAddressPage() {
  const { t } = useLingui();
  const token = useTokenOfLink();
  useEffect(() => {
    document.title = `${t`Your new address`} – Odysseus`;
  }, [t]);
  const { data, error } = useQuery({
    queryKey: ["new address", token],
    queryFn: () => ask(ConfirmNewAddressDocument, { token: token ?? "" }),
    enabled: token !== null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnReconnect: false,
  });
  const change = data?.confirmEmailChange;
  const address = change?.newEmail ?? "";
  return (
    <div className="page narrow" aria-busy={token !== null && !data && !error}>
      <h1>
        <Trans>Your new address</Trans>
      </h1>
      <br />
      <Trouble token={token} error={error} />
      {change && (
        <Notice look="calm" focused>
          <p>
            {change.done ? (
              <Trans>Your account has the address {address} now.</Trans>
            ) : (
              <Trans>Noted. The change to {address} is done once the link in the other mail is opened, too.</Trans>
            )}
          </p>
          <ToTheAccount />
        </Notice>
      )}
    </div>
  );
}
