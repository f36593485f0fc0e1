import { clock } from "./clock";
import { noteSent } from "./feeds";
import type { TypedDocumentString } from "./generated/graphql";
import { network } from "./network";

/** What the graph refused, or what kept it from answering. */
export class GraphError extends Error {
  /** Of the closed list of `ErrorCode`, or UNREACHABLE. */
  readonly code: string;
  readonly reason: string | null;
  /** The input field that is wrong, where one is. */
  readonly field: string | null;
  /** What was refused, in more than a word: all that the graph says of it. */
  readonly details: Record<string, unknown>;

  constructor(message: string, code: string, extensions: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.reason = textOf(extensions.reason);
    this.field = textOf(extensions.field);
    this.details = extensions;
  }
}

type Answer<T> = { data?: T | null; errors?: { message: string; extensions?: Record<string, unknown> }[] };

const LONGEST_WAIT_MS = 20_000;

/** Sends one operation; an answer with any error is thrown as the first of them. */
export async function send<T, V>(
  document: TypedDocumentString<T, V>,
  variables: V,
  token: string | null,
  signal?: AbortSignal,
): Promise<T> {
  const limit = AbortSignal.timeout(LONGEST_WAIT_MS);
  let response: Response;
  noteSent(document, variables);
  try {
    response = await fetch("/graphql", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json, application/json",
        "accept-language": globalThis.document.documentElement.lang,
        // The refresh token is to be in a cookie that no script can read.
        "x-session": "cookie",
        "x-client-name": "odysseus-storefront",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({ query: String(document), variables }),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    network.failed();
    throw new GraphError("Odysseus does not answer.", "UNREACHABLE");
  }
  network.answered();
  clock.set(response.headers.get("date"));
  const answer = await read<T>(response);
  const first = answer.errors?.[0];
  if (first) throw new GraphError(first.message, textOf(first.extensions?.code) ?? "INTERNAL", first.extensions);
  if (!answer.data) throw new GraphError("The answer held nothing.", "INTERNAL");
  return answer.data;
}

async function read<T>(response: Response): Promise<Answer<T>> {
  try {
    return (await response.json()) as Answer<T>;
  } catch {
    throw new GraphError("Odysseus does not answer.", "UNREACHABLE");
  }
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
