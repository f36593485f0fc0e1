import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { usePerson } from "../../account/session";
import type { PlacedOrderFragment } from "../../graph/generated/graphql";
import { Notice } from "../../ui/Notice";
import { useTheme } from "../../ui/theme";
import type { Language } from "../../words/languages";
import { AtTheBank } from "./AtTheBank";
import { PayButton } from "./PayButton";
import styles from "./Payment.module.css";
import { PaymentPage } from "./PaymentPage";
import { appearance, type Elements, loadStripe, type Stripe, type StripeError } from "./stripe";
import { Trouble } from "./Trouble";
import { stripeUnits } from "./units";
import { backTo, usePaying } from "./usePaying";

type Props = { order: PlacedOrderFragment; publishableKey: string };

/** Stripe's own fields for cards and wallets: what is typed there never comes to this shop. */
export function CardForm({ order, publishableKey }: Props) {
  const { i18n } = useLingui();
  const { progress, setProgress, error, forget, pay } = usePaying(order);
  const [said, setSaid] = useState<string | null>(null);
  const { place, stripe, elements, state } = useFields({ order, publishableKey }, forget);
  if (state === "broken") return <PaymentPage order={order} />;

  const refused = ({ message }: StripeError) => {
    setSaid(message ?? null);
    setProgress("ready");
  };
  const confirm = async (clientSecret: string) => {
    setSaid(null);
    setProgress("sent");
    const { error: wrong } = (await stripe?.handleNextAction({ clientSecret })) ?? {};
    if (wrong) return refused(wrong);
    // The order tells how it goes on.
    setProgress("waiting");
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!stripe || !elements) return;
    setSaid(null);
    const paid = await pay(() => tokenOf(stripe, elements, order, refused));
    if (paid?.status !== "REQUIRES_ACTION") return;
    if (paid.clientSecret) await confirm(paid.clientSecret);
    else if (paid.nextActionUrl) location.assign(paid.nextActionUrl);
  };
  const asked = order.payment?.status === "REQUIRES_ACTION" ? order.payment.clientSecret : null;
  return (
    <form className={styles.form} onSubmit={submit} lang={i18n.locale}>
      <h2>
        <Trans>How do you pay?</Trans>
      </h2>
      {said ? (
        <Notice focused>
          <p>{said}</p>
        </Notice>
      ) : (
        <Trouble order={order} error={error} />
      )}
      {asked && progress === "ready" && <AtTheBank onPress={() => confirm(asked)} />}
      <div className={styles.fields} aria-busy={state === "loading"} ref={place} data-testid="card-fields" />
      <PayButton order={order} progress={progress} ready={state === "ready"} />
      <p className="soft">
        <Trans>Your card is handled by Stripe; this shop never sees its number.</Trans>
      </p>
    </form>
  );
}

/** Of what was typed in, for one charge; null where something is wrong with it, which the fields themselves show. */
async function tokenOf(
  stripe: Stripe,
  elements: Elements,
  order: PlacedOrderFragment,
  refused: (error: StripeError) => void,
): Promise<{ confirmationToken: string } | null> {
  const { error: wrong } = await elements.submit();
  if (wrong) {
    refused(wrong.type === "validation_error" ? { type: wrong.type } : wrong);
    return null;
  }
  const { error, confirmationToken } = await stripe.createConfirmationToken({ elements, params: { return_url: backTo(order) } });
  if (error) refused(error);
  return confirmationToken ? { confirmationToken: confirmationToken.id } : null;
}

/** Puts Stripe's fields into a place of the page, in its colours and language. */
function useFields({ order, publishableKey }: Props, onChange: () => void) {
  const { i18n } = useLingui();
  const theme = useTheme();
  const person = usePerson();
  const place = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"loading" | "ready" | "broken">("loading");
  const [parts, setParts] = useState<{ stripe: Stripe; elements: Elements } | null>(null);
  const locale = i18n.locale as Language;
  // biome-ignore lint/correctness/useExhaustiveDependencies: mounted once; what changes later is told to the fields that there are
  useEffect(() => {
    let gone = false;
    let remove = () => {};
    loadStripe(publishableKey, locale)
      .then((stripe) => {
        if (gone || !place.current) return;
        const { total } = order.total;
        const elements = stripe.elements({
          mode: "payment",
          amount: stripeUnits(total),
          currency: total.currency.toLowerCase(),
          locale,
          // Cards, and wallets that hold cards: what leads the buyer away is not taken here.
          paymentMethodTypes: ["card"],
          appearance: appearance(theme),
        });
        const { name, email } = person ?? {};
        const billingDetails = { ...(name && { name }), ...(email && { email }) };
        const fields = elements.create("payment", { layout: "tabs", defaultValues: { billingDetails } });
        fields.on("ready", () => setState("ready"));
        fields.on("change", onChange);
        fields.on("loaderror", () => setState("broken"));
        fields.mount(place.current);
        remove = () => fields.destroy();
        setParts({ stripe, elements });
      })
      // It can still be paid on the provider's own page.
      .catch(() => gone || setState("broken"));
    return () => {
      gone = true;
      remove();
    };
  }, [publishableKey]);
  const elements = parts?.elements;
  useEffect(() => {
    elements?.update({ locale, appearance: appearance(theme) });
  }, [elements, locale, theme]);
  return { place, state, stripe: parts?.stripe, elements };
}
