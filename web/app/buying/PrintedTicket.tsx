import { Trans, useLingui } from "@lingui/react/macro";
import { FileDown, PenLine, Send, Wallet } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { here } from "../graph/addresses";
import type { PrintedTicketFragment, TicketStatus } from "../graph/generated/graphql";
import { Button, buttonLook } from "../ui/Button";
import { useFormats } from "../words/useFormats";
import styles from "./PrintedTicket.module.css";

const HandOn = lazy(async () => ({ default: (await import("./HandOn")).HandOn }));

type ItsEvent = { title: string; startsAt: string; timezone: string };

/** A ticket as it is held up at the door; one that no longer admits says why. */
export function PrintedTicket({ ticket, event }: { ticket: PrintedTicketFragment; event: ItsEvent | null }) {
  const { t } = useLingui();
  const format = useFormats();
  const stateOf = useTicketStates();
  const { code, holderName, mine, transferable, qrSvg, pdfUrl, walletUrl, seat, status, ticketType } = ticket;
  const [way, setWay] = useState<"transfer" | "rename" | null>(null);
  return (
    <li className={styles.ticket} data-testid="ticket" data-status={status}>
      <div className={styles.words}>
        <h2>{event?.title}</h2>
        {event && <p className="soft">{format.date(event.startsAt, event.timezone)}</p>}
        <p className={styles.seat}>
          {seat ? (
            <>
              {seat.section} <strong>{`${seat.row}–${seat.number}`}</strong>
            </>
          ) : (
            <strong>{ticketType.name}</strong>
          )}
        </p>
        <p>{holderName}</p>
        <div className={styles.ways}>
          {pdfUrl && (
            <a className={buttonLook("quiet")} href={here(pdfUrl)} target="_blank" rel="noreferrer">
              <FileDown aria-hidden />
              <Trans>As PDF</Trans>
            </a>
          )}
          {walletUrl && (
            <a className={buttonLook("quiet")} href={walletUrl} target="_blank" rel="noreferrer">
              <Wallet aria-hidden />
              <Trans>Add to Google Wallet</Trans>
            </a>
          )}
          {transferable && (
            <Button look="quiet" onPress={() => setWay("transfer")}>
              <Send aria-hidden />
              <Trans>Pass on</Trans>
            </Button>
          )}
          {mine && status === "VALID" && (
            <Button look="quiet" onPress={() => setWay("rename")}>
              <PenLine aria-hidden />
              <Trans>Other name</Trans>
            </Button>
          )}
        </div>
        {way && (
          <Suspense>
            <HandOn ticket={ticket} way={way} onClose={() => setWay(null)} />
          </Suspense>
        )}
      </div>
      <div className={styles.code}>
        {qrSvg ? (
          <>
            <img src={`data:image/svg+xml,${encodeURIComponent(qrSvg)}`} alt={t`QR code for the door`} width={168} height={168} />
            <p className="numbers">{code}</p>
          </>
        ) : (
          <p className={styles.state}>{stateOf(status)}</p>
        )}
      </div>
    </li>
  );
}

function useTicketStates(): (status: TicketStatus) => string {
  const { t } = useLingui();
  const names: Record<TicketStatus, string> = {
    VALID: t`Valid`,
    CHECKED_IN: t`Admitted`,
    TRANSFERRED: t`Passed on`,
    REFUNDED: t`Given back`,
    VOID: t`No longer valid`,
  };
  return (status) => names[status] ?? status;
}
