import { Trans, useLingui } from "@lingui/react/macro";
import { ChevronLeft, ChevronRight, X } from "lucide-react";
import type { KeyboardEvent } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { here } from "../graph/addresses";
import { Button } from "../ui/Button";
import styles from "./Lightbox.module.css";

export type Shot = { url: string; altText: string; placeholder?: string | null };

/** Pictures as large as the window allows, one at a time. `at` is which of them; null while it is closed. */
export function Lightbox(props: { title: string; shots: readonly Shot[]; at: number | null; onTurn: (at: number | null) => void }) {
  const { title, shots, at, onTurn } = props;
  const { t } = useLingui();
  const shot = at === null ? undefined : shots[at];
  const turn = (step: number) => at !== null && onTurn((at + step + shots.length) % shots.length);
  const press = ({ key }: KeyboardEvent) => {
    if (shots.length < 2) return;
    if (key === "ArrowRight") turn(1);
    if (key === "ArrowLeft") turn(-1);
  };
  return (
    <ModalOverlay isOpen={shot !== undefined} onOpenChange={(open) => open || onTurn(null)} isDismissable className={styles.overlay ?? ""}>
      <Modal className={styles.modal ?? ""}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys do what the buttons do */}
        <div onKeyDown={press}>
          <Dialog className={`${styles.dialog} ${styles.box}`}>
            <div className={styles.top}>
              <Heading slot="title" level={2}>
                {title}
              </Heading>
              <Button look="icon" aria-label={t`Close`} onPress={() => onTurn(null)}>
                <X aria-hidden />
              </Button>
            </div>
            {shot && (
              <figure className={styles.figure}>
                <img
                  key={shot.url}
                  src={here(shot.url)}
                  alt={shot.altText}
                  style={shot.placeholder ? { backgroundImage: `url("${shot.placeholder}")` } : undefined}
                />
                <figcaption aria-hidden="true">{shot.altText}</figcaption>
              </figure>
            )}
            {shots.length > 1 && at !== null && (
              <div className={styles.turn}>
                <Button look="icon" aria-label={t`Previous picture`} onPress={() => turn(-1)}>
                  <ChevronLeft aria-hidden />
                </Button>
                <p role="status" className="numbers">
                  <Trans>
                    Picture {at + 1} of {shots.length}
                  </Trans>
                </p>
                <Button look="icon" aria-label={t`Next picture`} onPress={() => turn(1)}>
                  <ChevronRight aria-hidden />
                </Button>
              </div>
            )}
          </Dialog>
        </div>
      </Modal>
    </ModalOverlay>
  );
}
