import { Trans, useLingui } from "@lingui/react/macro";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import type { CartFragment } from "../graph/generated/graphql";
import { Button } from "../ui/Button";
import { isZero } from "../ui/money";
import { useFormats } from "../words/useFormats";
import styles from "./Bill.module.css";

/** What it is, and what it costs. */
export function Bill({
  items,
  total,
  onRemove,
  children,
}: Pick<CartFragment, "items" | "total"> & {
  /** Where single places can be taken out. */
  onRemove?: ((item: string) => void) | undefined;
  children?: ReactNode;
}) {
  const { t } = useLingui();
  const format = useFormats();
  return (
    <div className={styles.bill}>
      <ul className={styles.items}>
        {items.map(({ id, ticketType, seat, quantity, total: price }) => {
          const row = seat?.row ?? "";
          const number = seat?.number ?? "";
          const kind = ticketType.name;
          return (
            <li key={id}>
              <span>
                <strong>{quantity > 1 ? `${quantity} × ${ticketType.name}` : ticketType.name}</strong>
                {seat && (
                  <span className="soft">
                    {seat.section.toLowerCase() !== ticketType.name.toLowerCase() && `${seat.section}, `}
                    {t`row ${row}, seat ${number}`}
                    {seat.accessible && `, ${t`wheelchair place`}`}
                    {seat.restrictedView && `, ${t`restricted view`}`}
                  </span>
                )}
              </span>
              <span className={styles.price}>
                <span className="numbers">{format.money(price.total)}</span>
                {onRemove && items.length > 1 && (
                  <Button
                    look="icon"
                    aria-label={seat ? t`Take row ${row}, seat ${number} out` : t`Take ${kind} out`}
                    onPress={() => onRemove(id)}
                  >
                    <X aria-hidden />
                  </Button>
                )}
              </span>
            </li>
          );
        })}
      </ul>
      <dl className={styles.sums}>
        {!isZero(total.discount) && (
          <div>
            <dt>
              <Trans>Discount</Trans> {total.discounts.map(({ code }) => code).join(", ")}
            </dt>
            <dd className="numbers">−{format.money(total.discount)}</dd>
          </div>
        )}
        {total.feeLines.map(({ name, amount }) => (
          <div key={name}>
            <dt>
              <Trans>{name}, in the prices</Trans>
            </dt>
            <dd className="numbers">{format.money(amount)}</dd>
          </div>
        ))}
        <div className={styles.total}>
          <dt>
            <Trans>Total</Trans>
          </dt>
          <dd className="numbers" data-testid="total">
            {format.money(total.total)}
          </dd>
        </div>
        {total.taxes.map(({ name, rate, amount }) => (
          <div key={`${name} ${rate}`} className="soft">
            <dt>
              <Trans>
                including {rate} % {name}
              </Trans>
            </dt>
            <dd className="numbers">{format.money(amount)}</dd>
          </div>
        ))}
      </dl>
      {children}
    </div>
  );
}
