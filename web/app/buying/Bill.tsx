import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { CartFragment } from "../graph/generated/graphql";
import { isZero } from "../ui/money";
import { useFormats } from "../words/useFormats";
import styles from "./Bill.module.css";

/** What it is, and what it costs. */
export function Bill({ items, total, children }: Pick<CartFragment, "items" | "total"> & { children?: ReactNode }) {
  const { t } = useLingui();
  const format = useFormats();
  return (
    <div className={styles.bill}>
      <ul className={styles.items}>
        {items.map(({ ticketType, seat, quantity, total: price }) => {
          const row = seat?.row ?? "";
          const number = seat?.number ?? "";
          return (
            <li key={`${ticketType.id} ${seat?.section ?? ""} ${row} ${number}`}>
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
              <span className="numbers">{format.money(price.total)}</span>
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
