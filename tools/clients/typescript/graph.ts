// The graph by HTTP, WebSocket and server-sent events, for the typed documents that graphql-codegen made.

import type { ExecutionResult, GraphQLFormattedError } from "graphql";
import { createClient as eventsClient } from "graphql-sse";
import { createClient as socketClient } from "graphql-ws";
import WebSocket from "ws";
import type { TypedDocumentString } from "../generated/graph/graphql.js";
import type { ErrorExtensions } from "../generated/graph/schema.js";

/** The graph said no. `extensions` are those of its first error, as the schema describes them. */
export class Refused extends Error {
  readonly extensions: ErrorExtensions;

  constructor(error: GraphQLFormattedError) {
    super(error.message);
    this.name = "Refused";
    this.extensions = error.extensions as ErrorExtensions;
  }
}

/** The graph, as somebody sees it. */
export class Graph {
  constructor(
    private readonly url: string,
    private readonly token?: string,
  ) {}

  /** One answer, whole; what was refused is thrown. */
  async ask<Data, Variables extends object>(document: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data> {
    const answer = await fetch(this.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...this.headers() },
      body: JSON.stringify({ query: document.toString(), variables }),
    });
    return whole((await answer.json()) as ExecutionResult<Data>);
  }

  /** What a subscription brings over a WebSocket, until the loop is left. */
  async *bySocket<Data extends Record<string, unknown>, Variables extends Record<string, unknown>>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ): AsyncGenerator<Data, undefined> {
    const client = socketClient({
      url: this.url.replace(/^http/, "ws"),
      webSocketImpl: WebSocket,
      connectionParams: this.headers(),
      retryAttempts: 0,
    });
    try {
      for await (const frame of client.iterate<Data>({ query: document.toString(), variables })) {
        yield whole(frame as ExecutionResult<Data>);
      }
    } finally {
      await client.dispose();
    }
  }

  /** The same as server-sent events. */
  async *byEvents<Data extends Record<string, unknown>, Variables extends Record<string, unknown>>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ): AsyncGenerator<Data, undefined> {
    const client = eventsClient({ url: this.url, headers: this.headers(), retryAttempts: 0 });
    try {
      for await (const frame of client.iterate<Data>({ query: document.toString(), variables })) {
        yield whole(frame as ExecutionResult<Data>);
      }
    } finally {
      client.dispose();
    }
  }

  private headers(): Record<string, string> {
    return this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
  }
}

function whole<Data>({ data, errors }: ExecutionResult<Data>): Data {
  if (errors?.[0]) throw new Refused(errors[0] as GraphQLFormattedError);
  if (data == null) throw new Error("neither data nor errors");
  return data;
}
