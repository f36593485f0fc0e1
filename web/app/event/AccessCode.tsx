import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import type { FormEvent } from "react";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import styles from "./AccessCode.module.css";
import type { ShownEvent } from "./queries";

/** The code of an invitation, which shows tickets that are hidden. It stands in the address, so that a link may have it. */
export function AccessCode({ event, access }: { event: ShownEvent; access: string | undefined }) {
  const { t } = useLingui();
  const navigate = useNavigate({ from: "/events/$event" });
  const opened = event.ticketTypes?.some(({ hidden }) => hidden);
  const submit = (form: FormEvent<HTMLFormElement>) => {
    form.preventDefault();
    const code = String(new FormData(form.currentTarget).get("code") ?? "").trim();
    navigate({ search: code ? { access: code } : {}, replace: true, resetScroll: false });
  };
  return (
    <details className={styles.access} open={access !== undefined}>
      <summary className="opens">
        <Trans>Do you have an access code?</Trans>
      </summary>
      <form className={styles.form} onSubmit={submit}>
        <Field
          label={t`Access code`}
          name="code"
          autoComplete="off"
          maxLength={100}
          defaultValue={access ?? ""}
          problem={access && !opened ? t`This code opens nothing here.` : null}
          hint={opened ? t`It shows tickets that others do not see.` : undefined}
        />
        <Button type="submit" look="quiet">
          <Trans>Show</Trans>
        </Button>
      </form>
    </details>
  );
}
