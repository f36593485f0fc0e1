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

/** Answers that no further asking will change: the business said no. */
export function isFinal(error: unknown): boolean {
  if (!(error instanceof GraphError)) return false;
  return !["UNREACHABLE", "SERVICE_UNAVAILABLE", "INTERNAL", "RATE_LIMITED"].includes(error.code);
}
