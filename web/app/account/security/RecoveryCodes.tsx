import { Trans } from "@lingui/react/macro";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import styles from "../AccountPage.module.css";

/** The codes for the day on which the app is lost. They are shown once. */
export function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  return (
    <Notice look="calm" focused>
      <p>
        <Trans>
          Print these codes or write them down. Each opens your account once where the second step is lost. They are not shown again.
        </Trans>
      </p>
      <ul className={styles.codes} data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <Button look="quiet" onPress={onKept}>
        <Trans>I have kept them</Trans>
      </Button>
    </Notice>
  );
}
