import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { ask } from "../graph/ask";
import { ChangeProfileDocument, type ProfileFragment } from "../graph/generated/graphql";
import { GraphError } from "../graph/transport";
import { Button } from "../ui/Button";
import { Failure, wordsOf } from "../ui/Failure";
import { Field } from "../ui/Field";
import { useStatus } from "../ui/useStatus";
import { LANGUAGES } from "../words/languages";
import styles from "./AccountPage.module.css";

const FIELDS = ["name", "phone"];

/** How somebody is called and reached, and in which language and zone they are written to. */
export function Profile({ me }: { me: ProfileFragment }) {
  const { t } = useLingui();
  const say = useStatus();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (input: { name?: string; phone: string | null; locale: string; timezone: string }) => ask(ChangeProfileDocument, { input }),
    onSuccess: ({ updateProfile }) => {
      client.setQueriesData({ queryKey: ["account", "profile"] }, { me: updateProfile });
      say(t`Saved.`);
    },
  });
  const field = change.error instanceof GraphError && FIELDS.includes(change.error.field ?? "") ? change.error.field : null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    change.mutate({
      ...(text("name") ? { name: text("name") } : {}),
      phone: text("phone") || null,
      locale: text("locale"),
      timezone: text("timezone"),
    });
  };
  const zones = Intl.supportedValuesOf("timeZone");
  const language = me.locale?.split("-")[0] ?? "en";
  return (
    <section className={styles.part} aria-labelledby="profile">
      <h2 id="profile">
        <Trans>About you</Trans>
      </h2>
      <form className={styles.form} onSubmit={submit}>
        <div className={styles.pair}>
          <Field
            label={t`Name`}
            name="name"
            autoComplete="name"
            maxLength={100}
            required={!me.guest}
            defaultValue={me.name ?? ""}
            problem={field === "name" ? wordsOf(change.error) : null}
          />
          <Field
            label={t`Telephone`}
            name="phone"
            type="tel"
            autoComplete="tel"
            defaultValue={me.phone ?? ""}
            hint={t`Such as +43 1 234 5678; for text messages, if you want them.`}
            problem={field === "phone" ? wordsOf(change.error) : null}
          />
        </div>
        <div className={styles.pair}>
          <label>
            <Trans>Language of our letters</Trans>
            <select name="locale" defaultValue={language in LANGUAGES ? (me.locale ?? language) : "en"}>
              {Object.entries(LANGUAGES).map(([tag, name]) => (
                <option key={tag} value={tag === language ? (me.locale ?? tag) : tag}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label>
            <Trans>Your time zone</Trans>
            <select name="timezone" defaultValue={me.timezone ?? "UTC"}>
              {[...new Set([me.timezone ?? "UTC", "UTC", ...zones])].map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </select>
          </label>
        </div>
        {change.error && field === null && <Failure error={change.error} />}
        <Button type="submit" isDisabled={change.isPending}>
          <Trans>Save</Trans>
        </Button>
      </form>
    </section>
  );
}
