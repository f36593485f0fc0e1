import { type Fetcher, type FetcherParams } from "@graphiql/toolkit";
import { type ExecutionResult, OperationTypeNode, parse } from "graphql";
import { createClient } from "graphql-ws";
import { remember, withToken } from "./session";

const HTTP = "/graphql";
const WEBSOCKET = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`;

/** Queries and mutations go over HTTP, subscriptions over a WebSocket that ends with them. */
export const fetcher: Fetcher = (params, options) => {
  const headers = withToken(options?.headers ?? {});
  return isSubscription(params) ? subscribe(params, headers) : ask(params, headers);
};

async function ask(params: FetcherParams, headers: Record<string, string>) {
  const response = await fetch(HTTP, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...headers },
    body: JSON.stringify(params),
  });
  const answer = await response.json();
  remember(answer);
  return answer;
}

async function* subscribe(
  params: FetcherParams,
  headers: Record<string, string>,
): AsyncGenerator<ExecutionResult<Record<string, unknown>>> {
  const client = createClient({ url: WEBSOCKET, connectionParams: headers, lazy: true, retryAttempts: 0 });
  const { query, variables, operationName } = params;
  try {
    for await (const result of client.iterate<Record<string, unknown>>({ query, variables, operationName })) {
      yield result as ExecutionResult<Record<string, unknown>>; // the same, but for errors that came as JSON
    }
  } catch (problem) {
    throw readable(problem);
  } finally {
    await client.dispose();
  }
}

/** graphql-ws throws the errors' list, the socket's close event, or an Error. */
function readable(problem: unknown): Error {
  if (problem instanceof Error) return problem;
  if (problem instanceof CloseEvent) {
    return new Error(`The socket was closed (${problem.code}${problem.reason ? `: ${problem.reason}` : ""}).`);
  }
  return new Error(JSON.stringify(problem));
}

function isSubscription({ query, operationName }: FetcherParams): boolean {
  try {
    const operations = parse(query).definitions.filter((definition) => definition.kind === "OperationDefinition");
    const chosen = operationName ? operations.find(({ name }) => name?.value === operationName) : operations[0];
    return chosen?.operation === OperationTypeNode.SUBSCRIPTION;
  } catch {
    return false; // The router says what is wrong with it.
  }
}

