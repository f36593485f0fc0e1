import { Trans } from "@lingui/react/macro";
import styles from "./Attendees.module.css";

/** The organizer's terms, which whoever orders accepts in this version. */
export function TermsBox({ terms: { url } }: { terms: { url: string } }) {
  return (
    <label className={styles.apart}>
      <input type="checkbox" name="terms" required />
      <span>
        <Trans>
          I accept the{" "}
          <a href={url} target="_blank" rel="noreferrer">
            terms of the organizer
          </a>
          .
        </Trans>
      </span>
    </label>
  );
}
