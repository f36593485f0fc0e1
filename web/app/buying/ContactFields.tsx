import { Trans, useLingui } from "@lingui/react/macro";
import { Field } from "../ui/Field";
import styles from "./Attendees.module.css";

/** Whom an order's mails reach, where that is not who buys. */
export function ContactFields({ before }: { before: Record<string, string> }) {
  const { t } = useLingui();
  return (
    <fieldset className={styles.person}>
      <legend className={styles.place}>
        <Trans>Who gets the mails?</Trans>
      </legend>
      <Field
        label={t`Their name`}
        name="contact name"
        autoComplete="off"
        required
        maxLength={120}
        defaultValue={before["contact name"] ?? ""}
      />
      <Field
        label={t`Their e-mail address`}
        name="contact email"
        type="email"
        autoComplete="off"
        required
        defaultValue={before["contact email"] ?? ""}
      />
      <Field
        label={t`Their telephone number (if you like)`}
        name="contact phone"
        type="tel"
        autoComplete="off"
        hint={t`With the country's number, such as +43 1 234 5678.`}
        defaultValue={before["contact phone"] ?? ""}
      />
    </fieldset>
  );
}

/** What was typed into these fields. */
export function contactOf(form: FormData) {
  const field = (name: string) => String(form.get(`contact ${name}`) ?? "").trim();
  const phone = field("phone");
  return { name: field("name"), email: field("email"), ...(phone && { phone }) };
}
