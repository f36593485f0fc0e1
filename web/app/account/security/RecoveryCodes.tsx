import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import styles from "../AccountPage.module.css";
import { saveFile } from "../file";

/** The codes for the day on which the app is lost. They are shown once. */
export function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const { t } = useLingui();
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
      <div className={styles.ways}>
        <Button look="quiet" onPress={onKept}>
          <Trans>I have kept them</Trans>
        </Button>
        <Button look="plain" onPress={() => saveFile(t`recovery-codes-odysseus.txt`, "text/plain", `${codes.join("\n")}\n`)}>
          <Trans>Save them as a file</Trans>
        </Button>
      </div>
    </Notice>
  );
}
