import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { Button } from "../../ui/Button";
import { Refused } from "../../ui/Failure";
import { useStatus } from "../../ui/useStatus";
import styles from "../AccountPage.module.css";
import { allKept, save } from "./export";

/** All that the shop keeps of somebody, as one file. */
export function Export() {
  const { t } = useLingui();
  const say = useStatus();
  const gather = useMutation({
    mutationFn: () => allKept(),
    onSuccess: (kept) => {
      save(kept, t`my-data-at-odysseus`);
      say(t`The file is saved.`);
    },
  });
  return (
    <section className={styles.part} aria-labelledby="export">
      <h2 id="export">
        <Trans>Take it along</Trans>
      </h2>
      <p>
        <Trans>
          One file with all that is kept of you: who you are here, where you are signed in, your orders, tickets, payments and invoices, and
          what you were told.
        </Trans>
      </p>
      {gather.error && <Refused error={gather.error} />}
      <Button look="quiet" isDisabled={gather.isPending} onPress={() => gather.mutate()}>
        <Download aria-hidden />
        {gather.isPending ? <Trans>Gathering it…</Trans> : <Trans>Save my data</Trans>}
      </Button>
      {gather.isSuccess && (
        <p>
          <Trans>The file is saved. Whoever has it knows all of this: keep it well.</Trans>
        </p>
      )}
    </section>
  );
}
