import process from "node:process";
import linguiPlugin from "@lingui/vite-plugin"; // a CommonJS module, without named exports for an ES module
import babel, { defineRolldownBabelPreset } from "@rolldown/plugin-babel";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const { lingui } = linguiPlugin as unknown as typeof import("@lingui/vite-plugin");
const macros = defineRolldownBabelPreset({
  preset: () => ({ plugins: ["@lingui/babel-plugin-lingui-macro"] }),
  rolldown: { filter: { code: /from ['"]@lingui\/(?:react|core)\/macro['"]/ } },
});
const router = { target: process.env.ODYSSEUS ?? "http://127.0.0.1:4000" };

// One project, one entry page for each part of the site; the router serves what ends up in dist/.
export default defineConfig({
  plugins: [react(), lingui({ failOnMissing: true }), babel({ presets: [macros] })],
  build: {
    target: "es2023",
    // Newer than light-dark(), which is to be kept as it is written.
    cssTarget: ["chrome125", "firefox128", "safari18.0"],
    // The storefront's policy allows no data: and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { storefront: "index.html", graphiql: "graphiql/index.html" },
      // GraphiQL's modules carry hints for React's compiler, which has already run over them.
      onwarn: (warning, warn) => warning.code !== "MODULE_LEVEL_DIRECTIVE" && warn(warning),
    },
    // GraphiQL's editor is one large piece, and nobody loads it before opening the playground.
    chunkSizeWarningLimit: 6000,
  },
  // The playground is tried as it is built: its editor does not go through the development server.
  optimizeDeps: { entries: ["index.html"] },
  server: {
    // `npm run dev` beside a running router: `odysseus run` prints its address.
    proxy: { "/graphql": { ...router, ws: true }, "/api": router, "/sandbox": router, "/developers": router },
  },
});
