import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { ask, asking } from "../../graph/ask";
import { CountComingTicketsDocument, DeleteAccountDocument } from "../../graph/generated/graphql";
import { GraphError } from "../../graph/transport";
import { Button } from "../../ui/Button";
import { Refused, wordsOf } from "../../ui/Failure";
import { Field } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { useStatus } from "../../ui/useStatus";
import styles from "../AccountPage.module.css";
import { NoPassword } from "../NoPassword";
import { end, usePerson } from "../session";

/** Has the account erased, once its owner knows what goes and what stays. */
export function Farewell() {
  const [asked, setAsked] = useState(false);
  return (
    <section className={styles.part} aria-labelledby="farewell">
      <h2 id="farewell">
        <Trans>Delete the account</Trans>
      </h2>
      <dl className={styles.terms}>
        <dt>
          <Trans>What is erased</Trans>
        </dt>
        <dd>
          <Trans>
            Your name, address and telephone number, your passkeys and other ways to sign in, your messages, what you have chosen to be
            told, the places that you hold and those that you wait for. An order or a refund that is under way is finished first.
          </Trans>
        </dd>
        <dt>
          <Trans>What is kept, and why</Trans>
        </dt>
        <dd>
          <Trans>
            What was sold, when and for how much, without your name: organizers have to account for it. Invoices stay as they were written,
            as tax law asks.
          </Trans>
        </dd>
        <dt>
          <Trans>Your tickets</Trans>
        </dt>
        <dd>
          <Trans>
            Those for coming events still admit whoever shows them; the mail has them. Here you can no longer see them, pass them on or give
            them back. The names on them go once their events are over.
          </Trans>
        </dd>
      </dl>
      {asked ? (
        <LastWord onLeave={() => setAsked(false)} />
      ) : (
        <Button look="quiet" onPress={() => setAsked(true)}>
          <Trans>Delete the account…</Trans>
        </Button>
      )}
    </section>
  );
}

function LastWord({ onLeave }: { onLeave: () => void }) {
  const { t } = useLingui();
  const say = useStatus();
  const navigate = useNavigate();
  const person = usePerson();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const { data } = useQuery({ queryKey: ["account", "coming"], ...asking(CountComingTicketsDocument, {}), staleTime: 0 });
  const coming = data?.me?.tickets?.totalCount ?? 0;
  const erase = useMutation({
    mutationFn: (password: string) => ask(DeleteAccountDocument, { password }),
    onSuccess: async () => {
      await navigate({ to: "/", search: {} });
      end();
      say(t`Your account is deleted. A last mail says so.`);
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    erase.mutate(String(new FormData(event.currentTarget).get("password") ?? ""));
  };
  const field = erase.error instanceof GraphError ? erase.error.field : null;
  return (
    <form ref={form} className={styles.form} onSubmit={submit}>
      {coming > 0 && (
        <Notice>
          <p>
            <Plural value={coming} one="You have # ticket for a coming event." other="You have # tickets for coming events." />{" "}
            <Link to="/orders">
              <Trans>Save them first</Trans>
            </Link>
          </p>
        </Notice>
      )}
      <p>
        <Trans>This deletes the account of {person?.email}. It cannot be undone.</Trans>
      </p>
      <Field
        label={t`Your password`}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        problem={field === "password" ? wordsOf(erase.error) : null}
      />
      {erase.error && field !== "password" && <Refused error={erase.error} />}
      <div className={styles.ways}>
        <Button type="submit" isDisabled={erase.isPending}>
          <Trans>Delete it for good</Trans>
        </Button>
        <Button look="plain" onPress={onLeave}>
          <Trans>Back</Trans>
        </Button>
      </div>
      <NoPassword />
    </form>
  );
}
