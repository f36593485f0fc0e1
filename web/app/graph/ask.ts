import { end, token } from "../account/session";
import type { TypedDocumentString } from "./generated/graphql";
import { GraphError, send } from "./transport";

/** Asks the graph as whoever is signed in. */
export async function ask<T, V>(document: TypedDocumentString<T, V>, variables: V, signal?: AbortSignal): Promise<T> {
  const bearer = await token();
  try {
    return await send(document, variables, bearer, signal);
  } catch (error) {
    // The session was ended elsewhere.
    if (bearer && error instanceof GraphError && error.code === "UNAUTHENTICATED") end();
    throw error;
  }
}

/** What a query of a page asks: its function, and for whoever wants to see it the operation itself. */
export function asking<T, V>(document: TypedDocumentString<T, V>, variables: V) {
  return {
    queryFn: ({ signal }: { signal: AbortSignal }) => ask(document, variables, signal),
    meta: { document, variables } as Record<string, unknown>,
  };
}

/** Answers that no further asking will change: the business said no. */
export function isFinal(error: unknown): boolean {
  if (!(error instanceof GraphError)) return false;
  return !["UNREACHABLE", "SERVICE_UNAVAILABLE", "INTERNAL", "RATE_LIMITED"].includes(error.code);
}
