import { Trans, useLingui } from "@lingui/react/macro";
import { X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button } from "../ui/Button";
import { SignInForms } from "./SignInForms";
import { usePerson } from "./session";
import styles from "./WhoDialog.module.css";

/** What is done once it is known who does it: at once, or when the dialog has been answered, which is to be shown. */
export function useWhoFirst<T>(act: (wish: T) => void): [begin: (wish: T) => void, dialog: ReactNode] {
  const person = usePerson();
  // In a box, since a wish may be anything.
  const [asking, setAsking] = useState<{ wish: T } | null>(null);
  const begin = (wish: T) => {
    if (person) act(wish);
    else setAsking({ wish });
  };
  const done = () => {
    setAsking(null);
    if (asking) act(asking.wish);
  };
  return [begin, <WhoDialog key="who" isOpen={asking !== null} onClose={() => setAsking(null)} onDone={done} />];
}

/** Asks who buys, before anything is held. */
function WhoDialog({ isOpen, onClose, onDone }: { isOpen: boolean; onClose: () => void; onDone: () => void }) {
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
