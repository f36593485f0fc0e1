import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./style.css";

import { GraphiQL } from "graphiql";
import { StrictMode, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { fetcher } from "./fetcher";
import { onSessionChange, session, signOut } from "./session";
import { tour } from "./tour";

function Playground() {
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={tour}
      isHeadersEditorEnabled
      defaultEditorToolsVisibility="variables"
    >
      <GraphiQL.Logo>Odysseus</GraphiQL.Logo>
      <GraphiQL.Footer>
        <WhoAmI />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

function WhoAmI() {
  const current = useSyncExternalStore(onSessionChange, session);
  if (!current) {
    return <div className="session">Not signed in. Run “LogIn”, and the token is sent from then on.</div>;
  }
  return (
    <div className="session">
      <span>Signed in as {current.email ?? "somebody (the answer did not say who)"}.</span>
      <button type="button" onClick={signOut}>
        Sign out
      </button>
    </div>
  );
}

const place = document.getElementById("playground");
if (!place) throw new Error("index.html has no #playground");
createRoot(place).render(
  <StrictMode>
    <Playground />
  </StrictMode>,
);
