import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { here } from "../../graph/addresses";
import type { PlacedOrderFragment } from "../../graph/generated/graphql";
import { AtTheBank } from "./AtTheBank";
import { PayButton } from "./PayButton";
import styles from "./Payment.module.css";
import { Trouble } from "./Trouble";
import { usePaying } from "./usePaying";

type Method = { name: string; words: string; about: string };

/** In place of a form for cards, where the sandbox stands in for the payment provider. */
export function TestCards({ order }: { order: PlacedOrderFragment }) {
  const { t } = useLingui();
  const { progress, error, forget, pay } = usePaying(order);
  const methods: Method[] = [
    { name: "pm_card_visa", words: t`A card that pays`, about: t`Visa, ends in 4242` },
    {
      name: "pm_card_threeDSecure2Required",
      words: t`A card whose bank asks first`,
      about: t`You confirm on the bank's page, and come back.`,
    },
    { name: "pm_card_chargeDeclined", words: t`A card that is declined`, about: t`You can try another one.` },
    { name: "pm_card_chargeDeclinedInsufficientFunds", words: t`A card with too little money`, about: t`Declined, and it says why.` },
  ];
  const [method, setMethod] = useState("pm_card_visa");
  const choose = (name: string) => {
    forget();
    setMethod(name);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const paid = await pay(async () => ({ paymentMethod: method }));
    if (paid?.status === "REQUIRES_ACTION" && paid.nextActionUrl) location.assign(here(paid.nextActionUrl));
  };
  const bank = order.payment?.status === "REQUIRES_ACTION" ? order.payment.nextActionUrl : null;
  return (
    <form className={styles.form} onSubmit={submit}>
      <h2>
        <Trans>How do you pay?</Trans>
      </h2>
      <p className="soft">
        <Trans>This is a test: no card is asked for, and no money moves.</Trans>
      </p>
      <Trouble order={order} error={error} />
      {bank && progress === "ready" && <AtTheBank onPress={() => location.assign(here(bank))} />}
      <fieldset className={styles.methods}>
        <legend className="aside">{t`Test cards`}</legend>
        {methods.map(({ name, words, about }) => (
          <label key={name}>
            <input type="radio" name="method" value={name} checked={method === name} onChange={() => choose(name)} />
            <span>
              <strong>{words}</strong>
              <span className="soft">{about}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <PayButton order={order} progress={progress} />
    </form>
  );
}
