import "@fontsource-variable/bricolage-grotesque";
import "./ui/base.css";
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { onSessionChange, person } from "./account/session";
import { isFinal } from "./graph/ask";
import { watchNetwork } from "./graph/network";
import { makeRouter } from "./routes";
import { restoreTheme } from "./ui/theme";
import { preferred, speak } from "./words/languages";

const RETRIES = 2;

restoreTheme();
watchNetwork();
const client = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 15_000, retry: (failures, error) => failures < RETRIES && !isFinal(error) },
  },
});
// What was shown to one person is not there for the next.
onSessionChange(() => {
  const theirs = ["order", "orders", "reservation", "messages", "account", "tickets", "waiting"];
  if (!person()) client.removeQueries({ predicate: ({ queryKey: [what] }) => theirs.includes(String(what)) });
});
const router = makeRouter(client);
const shop = document.getElementById("shop");
if (!shop) throw new Error("The page has no place for the shop.");

speak(preferred()).then(() => {
  createRoot(shop).render(
    <StrictMode>
      <I18nProvider i18n={i18n}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </I18nProvider>
    </StrictMode>,
  );
});
