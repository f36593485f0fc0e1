import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { type FormEvent, useRef } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import styles from "../account/WhoDialog.module.css";
import { ask } from "../graph/ask";
import { type PrintedTicketFragment, RenameHolderDocument, TransferTicketDocument } from "../graph/generated/graphql";
import { freshKey } from "../graph/keys";
import { GraphError } from "../graph/transport";
import { Button } from "../ui/Button";
import { Failure, wordsOf } from "../ui/Failure";
import { Field } from "../ui/Field";
import { useStatus } from "../ui/useStatus";
import form from "./Attendees.module.css";

const NAMES = ["toName", "holderName"];
const ADDRESSES = ["toEmail", "holderEmail"];

/** Passes a ticket on to somebody else, or writes another name on it. */
export function HandOn({ ticket, way, onClose }: { ticket: PrintedTicketFragment; way: "transfer" | "rename"; onClose: () => void }) {
  const { t } = useLingui();
  const say = useStatus();
  const client = useQueryClient();
  const key = useRef(freshKey());
  const act = useMutation({
    mutationFn: async ({ name, email }: { name: string; email: string }) => {
      if (way === "rename") return ask(RenameHolderDocument, { input: { ticketId: ticket.id, holderName: name } });
      return ask(TransferTicketDocument, { input: { ticketId: ticket.id, toName: name, toEmail: email, idempotencyKey: key.current } });
    },
    onSuccess: async (_, { name }) => {
      await client.invalidateQueries({ predicate: ({ queryKey: [what] }) => ["order", "orders", "tickets"].includes(String(what)) });
      say(way === "rename" ? t`The ticket is for ${name} now.` : t`The ticket is on its way to ${name}.`);
      onClose();
    },
    onError: () => {
      key.current = freshKey();
    },
  });
  const field = act.error instanceof GraphError ? (act.error.field ?? "") : "";
  const known = NAMES.includes(field) || ADDRESSES.includes(field);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    act.mutate({ name: String(given.get("name") ?? "").trim(), email: String(given.get("email") ?? "").trim() });
  };
  return (
    <ModalOverlay isOpen onOpenChange={(open) => open || onClose()} isDismissable className={styles.overlay ?? ""}>
      <Modal className={styles.modal ?? ""}>
        <Dialog className={styles.dialog ?? ""}>
          <div className={styles.top}>
            <Heading slot="title" level={2}>
              {way === "transfer" ? <Trans>Pass the ticket on</Trans> : <Trans>Another name on the ticket</Trans>}
            </Heading>
            <Button look="icon" aria-label={t`Close`} onPress={onClose}>
              <X aria-hidden />
            </Button>
          </div>
          <form className={form.form} onSubmit={submit}>
            <p>
              {way === "transfer" ? (
                <Trans>Your code stops working at once, and a new one is mailed. Money that may come back still goes to who paid.</Trans>
              ) : (
                <Trans>The code stays the same: what was printed before still admits.</Trans>
              )}
            </p>
            <Field
              label={t`Name`}
              name="name"
              autoComplete="off"
              required
              maxLength={120}
              defaultValue={way === "rename" ? (ticket.holderName ?? "") : ""}
              problem={NAMES.includes(field) ? wordsOf(act.error) : null}
            />
            {way === "transfer" && (
              <Field
                label={t`E-mail`}
                name="email"
                type="email"
                autoComplete="off"
                required
                problem={ADDRESSES.includes(field) ? wordsOf(act.error) : null}
              />
            )}
            {act.error && !known && <Failure error={act.error} />}
            <Button type="submit" isDisabled={act.isPending}>
              {way === "transfer" ? <Trans>Pass it on</Trans> : <Trans>Save</Trans>}
            </Button>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
