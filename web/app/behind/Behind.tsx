import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { feeds, type Operation, operationOf, sent } from "../graph/feeds";
import { Button } from "../ui/Button";
import styles from "./Behind.module.css";

/** The GraphQL operations that feed the page behind it, with their variables. */
export function Behind({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const read = client
    .getQueryCache()
    .getAll()
    .filter((query) => query.getObserversCount() > 0 && query.meta?.document)
    .map(({ meta }) => operationOf(meta?.document, meta?.variables));
  const feeding = distinct([...read, ...feeds()]);
  return (
    <ModalOverlay isOpen onOpenChange={(open) => open || onClose()} isDismissable className={styles.overlay ?? ""}>
      <Modal className={styles.modal ?? ""}>
        <Dialog className={styles.dialog ?? ""}>
          <div className={styles.top}>
            <Heading slot="title" level={2}>
              <Trans>Behind this page</Trans>
            </Heading>
            <Button look="icon" aria-label={t`Close`} onPress={onClose}>
              <X aria-hidden />
            </Button>
          </div>
          <p>
            <Trans>All you see comes from one GraphQL graph. These operations feed this page just now.</Trans>{" "}
            <a href="/developers">
              <Trans>For developers</Trans>
            </a>{" "}
            · <a href="/graphiql">GraphiQL</a>
          </p>
          {feeding.length === 0 && (
            <p className="soft">
              <Trans>This page needs none.</Trans>
            </p>
          )}
          {feeding.map((operation, at) => (
            <Shown key={`${operation.name} ${at}`} operation={operation} open={at === 0} />
          ))}
          {sent().length > 0 && (
            <h3>
              <Trans>What you did last</Trans>
            </h3>
          )}
          {sent().map((operation, at) => (
            <Shown key={`${operation.name} ${at}`} operation={operation} open={false} />
          ))}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Shown({ operation: { kind, name, text, variables }, open }: { operation: Operation; open: boolean }) {
  const { t } = useLingui();
  return (
    <details className={styles.operation} open={open}>
      <summary className="opens">
        <span className={styles.kind}>{kind}</span> <strong>{name}</strong>
      </summary>
      <Text label={t`Text of ${name}`}>{text}</Text>
      {Object.keys(variables ?? {}).length > 0 && <Text label={t`Variables of ${name}`}>{JSON.stringify(variables, null, 2)}</Text>}
    </details>
  );
}

function Text({ label, children }: { label: string; children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section tabIndex={0} aria-label={label} className={styles.text}>
      <pre>{children}</pre>
    </section>
  );
}

function distinct(operations: Operation[]): Operation[] {
  const seen = new Map(operations.map((operation) => [`${operation.name} ${JSON.stringify(operation.variables)}`, operation]));
  return [...seen.values()];
}
