// Says of each enum that it may grow, as docs/api-policy.md promises: clients are to have a branch for what they do not
// know. It is written here once, so that no subgraph has to remember it, and stands wherever the graph is described.

import { Kind, visit } from "graphql";

const MORE = "More values may come.";

/** What never grows. */
const CLOSED = new Set(["ErrorCode"]);

/** The subgraphs, each enum described as one that may grow. */
export function withGrowth(subgraphs) {
  return subgraphs.map((subgraph) => ({ ...subgraph, typeDefs: visit(subgraph.typeDefs, { EnumTypeDefinition: grown }) }));
}

function grown(type) {
  if (CLOSED.has(type.name.value)) return undefined;
  const said = type.description?.value.trimEnd();
  const value = said ? `${said} ${MORE}` : MORE;
  return { ...type, description: { kind: Kind.STRING, value, block: value.includes("\n") } };
}
