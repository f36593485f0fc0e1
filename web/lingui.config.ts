import { defineConfig } from "@lingui/cli";

export default defineConfig({
  sourceLocale: "en",
  locales: ["en", "de"],
  catalogs: [{ path: "locales/{locale}", include: ["app"] }],
  orderBy: "message",
  formatOptions: { lineNumbers: false },
});
