import { i18n, type Messages } from "@lingui/core";

export type Language = "en" | "de";
export const LANGUAGES: Record<Language, string> = { en: "English", de: "Deutsch" };

const KEPT = "odysseus.language";
const catalogues: Record<Language, () => Promise<{ messages: Messages }>> = {
  en: () => import("../../locales/en.po"),
  de: () => import("../../locales/de.po"),
};

/** What was chosen here, or else the first language of the browser that there is; English otherwise. */
export function preferred(): Language {
  const wanted = [kept(), ...navigator.languages.map((tag) => tag.split("-")[0])];
  return wanted.find((language): language is Language => language === "en" || language === "de") ?? "en";
}

export async function speak(language: Language): Promise<void> {
  const { messages } = await catalogues[language]();
  i18n.loadAndActivate({ locale: language, locales: [regional(language)], messages });
  document.documentElement.lang = language;
}

export function remember(language: Language): void {
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // It holds for this page then.
  }
}

/** With the reader's region, where the browser names one: dates and amounts are written differently in it. */
export function regional(language: string): string {
  const found = navigator.languages.find((tag) => tag.startsWith(`${language}-`));
  return found ?? (language === "en" ? "en-GB" : language);
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
