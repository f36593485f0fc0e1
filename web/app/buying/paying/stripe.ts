import type { Language } from "../../words/languages";

/** Stripe wants its library to come from there, and of one version; the router lets it in where browsers speak to Stripe. */
const LIBRARY = "https://js.stripe.com/clover/stripe.js";
const PATIENCE_MS = 15_000;

/** Of Stripe's library, what is used here. https://docs.stripe.com/js */
export type Stripe = {
  elements(options: ElementsOptions): Elements;
  createConfirmationToken(options: {
    elements: Elements;
    params: { return_url: string };
  }): Promise<{ error?: StripeError; confirmationToken?: { id: string } }>;
  handleNextAction(options: { clientSecret: string }): Promise<{ error?: StripeError }>;
};
export type StripeError = { type: string; message?: string };
export type Appearance = { theme: "stripe" | "night"; variables: Record<string, string> };
export type ElementsOptions = {
  mode: "payment";
  /** In the smallest unit that Stripe counts in. */
  amount: number;
  currency: string;
  locale: Language;
  paymentMethodTypes: string[];
  appearance: Appearance;
};
export type Elements = {
  create(
    kind: "payment",
    options: { layout: "tabs"; defaultValues: { billingDetails: { name?: string; email?: string } } },
  ): PaymentElement;
  update(options: { locale?: Language; appearance?: Appearance }): void;
  submit(): Promise<{ error?: StripeError }>;
};
export type PaymentElement = {
  mount(place: HTMLElement): void;
  on(event: "ready" | "change" | "loaderror", heard: () => void): void;
  destroy(): void;
};
type MakeStripe = (publishableKey: string, options: { locale: Language }) => Stripe;
declare global {
  interface Window {
    Stripe?: MakeStripe;
  }
}

let loading: Promise<MakeStripe> | null = null;

/** Stripe's library, for whoever sells by this key. It is asked for when somebody is about to pay, and once. */
export async function loadStripe(publishableKey: string, locale: Language): Promise<Stripe> {
  loading ??= load().catch((error) => {
    // A line that was lost may be there the next time.
    loading = null;
    throw error;
  });
  return (await loading)(publishableKey, { locale });
}

function load(): Promise<MakeStripe> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const fail = () => {
      script.remove();
      reject(new Error("Stripe's library did not come."));
    };
    script.src = LIBRARY;
    script.onload = () => (window.Stripe ? resolve(window.Stripe) : fail());
    script.onerror = fail;
    setTimeout(fail, PATIENCE_MS);
    document.head.append(script);
  });
}

const TOKENS = {
  colorPrimary: "--clay",
  colorBackground: "--paper",
  colorText: "--ink",
  colorTextSecondary: "--soft",
  colorDanger: "--clay",
};

/** The page's colours, as the browser works them out for the scheme that is shown: Stripe's frame knows none of our tokens. */
export function appearance(theme: "light" | "dark"): Appearance {
  const probe = document.createElement("span");
  document.body.append(probe);
  const variables: Record<string, string> = { borderRadius: "10px", fontFamily: "system-ui, sans-serif", fontSizeBase: "17px" };
  for (const [name, token] of Object.entries(TOKENS)) {
    probe.style.color = `var(${token})`;
    variables[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return { theme: theme === "dark" ? "night" : "stripe", variables };
}
