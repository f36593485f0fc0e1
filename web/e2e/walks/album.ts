import { mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";

export { expect };

/** Where the pictures go. */
export const ALBUM = process.env.PICTURES ?? fileURLToPath(new URL("../results/pictures", import.meta.url));

type Language = "en" | "de";
const LANGUAGES: Language[] = ["en", "de"];
type How = {
  /** All unless said otherwise: pages beside the shop speak one. */
  languages?: Language[];
  /** Only what is in sight: under a dialog nothing else can be read. */
  inSight?: boolean;
};

/** In a picture of a whole page nothing stands still while the rest scrolls. */
const UNSTUCK = "header, [data-testid=choice] { position: relative !important; inset: auto !important }";

/** `shoot` takes pictures of what a page shows: in each language, light, and dark once; and sees to it that nothing sticks out. */
export const test = base.extend<{ shoot: (page: Page, name: string, how?: How) => Promise<void> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
  shoot: async ({}, use, { project }) => {
    mkdirSync(ALBUM, { recursive: true });
    await use(async (page, name, { languages = LANGUAGES, inSight = false } = {}) => {
      const take = async (scheme: "light" | "dark", language: Language) => {
        await page.emulateMedia({ colorScheme: scheme });
        await settled(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect.soft(wide, `${name} sticks out on a ${project.name}, in ${language}`).toBeLessThanOrEqual(0);
        const path = `${ALBUM}/${name}.${project.name}.${scheme}.${language}.png`;
        await page.screenshot({ path, scale: "css", animations: "disabled", ...(inSight ? {} : { fullPage: true, style: UNSTUCK }) });
      };
      for (const language of languages) {
        if (languages.length > 1) await speak(page, language);
        await take("light", language);
        if (language === "en") await take("dark", language);
      }
      await page.emulateMedia({ colorScheme: "light" });
      if (languages.length > 1) await speak(page, "en");
    });
  },
});

/** Chooses a language in the footer, which cannot be pointed at under a dialog. */
async function speak(page: Page, language: Language): Promise<void> {
  await page.evaluate((language) => document.querySelector<HTMLElement>(`footer button[lang=${language}]`)?.click(), language);
  await expect(page.locator("html")).toHaveAttribute("lang", language);
}

/** When fonts are there and frames were drawn: a large map is drawn in several. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const frames = document.querySelector("canvas") ? 40 : 2;
    for (let frame = 0; frame < frames; frame += 1) await new Promise(requestAnimationFrame);
  });
}

/** A picture for a document: small, of what is in sight. */
export async function paint(page: Page, name: string): Promise<void> {
  await settled(page);
  const taken = await page.screenshot({ animations: "disabled" });
  const painter = await page.context().newPage();
  const data = await painter.evaluate(
    async (picture) => {
      const image = new Image();
      image.src = picture;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
      canvas.getContext("2d")?.drawImage(image, 0, 0);
      return canvas.toDataURL("image/webp", 0.8);
    },
    `data:image/png;base64,${taken.toString("base64")}`,
  );
  await painter.close();
  mkdirSync(`${ALBUM}/documents`, { recursive: true });
  writeFileSync(`${ALBUM}/documents/${name}.webp`, Buffer.from(data.split(",")[1] ?? "", "base64"));
}
