import process from "node:process";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// One project, one entry page for each part of the site; the router serves what ends up in dist/.
export default defineConfig({
  plugins: [react()],
  build: {
    rolldownOptions: {
      input: { graphiql: "graphiql/index.html" },
      // GraphiQL's modules carry hints for React's compiler, which has already run over them.
      onwarn: (warning, warn) => warning.code !== "MODULE_LEVEL_DIRECTIVE" && warn(warning),
    },
    // GraphiQL's editor is one large piece, and nobody loads it before opening the playground.
    chunkSizeWarningLimit: 6000,
  },
  server: {
    // `npm run dev` beside a running router: `odysseus run` prints its address.
    proxy: { "/graphql": { target: process.env.ODYSSEUS ?? "http://127.0.0.1:4000", ws: true } },
  },
});
