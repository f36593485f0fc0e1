import type { GraphiQLProps } from "graphiql";

type Tab = NonNullable<GraphiQLProps["defaultTabs"]>[number];

const operations = import.meta.glob<string>("./tour/*.graphql", { query: "?raw", import: "default", eager: true });
const variables = import.meta.glob<string>("./tour/*.json", { query: "?raw", import: "default", eager: true });

/** Fresh for each visitor: sending the same idempotency key twice answers the first answer again. */
const random = Math.random().toString(36).slice(2, 10);

/**
 * The way of a ticket, one tab a step. What a step needs of an earlier one is copied into its variables; the token
 * travels by itself (see session.ts). The first tab has no variables: GraphiQL would not show them.
 */
export const tour: Tab[] = Object.keys(operations)
  .sort()
  .map((file) => ({
    query: operations[file] ?? "",
    variables: variables[file.replace(/graphql$/, "json")]?.replaceAll("RANDOM", random) ?? null,
  }));
