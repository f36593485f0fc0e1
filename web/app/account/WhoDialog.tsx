import { Trans, useLingui } from "@lingui/react/macro";
import { X } from "lucide-react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button } from "../ui/Button";
import { SignInForms } from "./SignInForms";
import styles from "./WhoDialog.module.css";

/** Asks who buys, before anything is held. */
export function WhoDialog({ isOpen, onClose, onDone }: { isOpen: boolean; onClose: () => void; onDone: () => void }) {
  const { t } = useLingui();
  return (
    <ModalOverlay isOpen={isOpen} onOpenChange={(open) => open || onClose()} isDismissable className={styles.overlay ?? ""}>
      <Modal className={styles.modal ?? ""}>
        <Dialog className={styles.dialog ?? ""}>
          <div className={styles.top}>
            <Heading slot="title" level={2}>
              <Trans>Who is buying?</Trans>
            </Heading>
            <Button look="icon" aria-label={t`Close`} onPress={onClose}>
              <X aria-hidden />
            </Button>
          </div>
          <SignInForms guests onDone={onDone} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
