// Public audits and other people's clients against a running router, which serves the toy supergraph of router/tests:
//
//   node audits.mjs http://127.0.0.1:4000
//
// graphql-http's audit of GraphQL over HTTP has to be passed whole; the clients of graphql-ws and graphql-sse have to
// get what they ask for. One line for each check; the exit code is 1 when one has failed.

import { serverAudits } from "graphql-http";
import { createClient as sseClient } from "graphql-sse";
import { createClient as wsClient } from "graphql-ws";
import WebSocket from "ws";

const url = `${process.argv[2] ?? "http://127.0.0.1:4000"}/graphql`;
const LONGEST = 10_000;

const QUERY = "{ event(id: 7) { title } }";
const MUTATION = 'mutation { rename(name: "x") }';
const COUNTDOWN = "subscription { countdown(from: 3) }";
const NEVER_ENDS = "subscription { seatMapChanged(eventId: 7) { version } }";

let failed = 0;

function equal(is, should) {
  const [a, b] = [JSON.stringify(is), JSON.stringify(should)];
  if (a !== b) throw new Error(`${a} instead of ${b}`);
}

async function check(name, test) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("took too long")), LONGEST);
  });
  try {
    await Promise.race([test(), late]);
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.message ?? JSON.stringify(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

// Everything that one operation brings; an array of errors, when it is refused.
function results(client, query) {
  return new Promise((resolve, reject) => {
    const all = [];
    client.subscribe({ query }, {
      next: (result) => all.push(result.data ?? result),
      error: reject,
      complete: () => resolve(all),
    });
  });
}

async function refused(client, query) {
  const result = await results(client, query).catch((error) => error);
  const errors = Array.isArray(result) ? (result[0]?.errors ?? result) : [result];
  equal(errors[0]?.extensions?.code, "BAD_USER_INPUT");
}

for (const audit of serverAudits({ url, fetchFn: fetch })) {
  await check(`graphql-http ${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    if (result.status !== "ok") throw new Error(`${result.status}: ${result.reason}`);
  });
}

const ended = [];
const socket = wsClient({
  url: url.replace(/^http/, "ws"),
  webSocketImpl: WebSocket,
  retryAttempts: 0,
  lazy: false,
  onNonLazyError: () => {},
  on: { closed: (event) => ended.push(event.code) },
});
const events = sseClient({ url, retryAttempts: 0 });
for (const [name, client] of [["graphql-ws", socket], ["graphql-sse", events]]) {
  await check(`${name} query`, async () => {
    equal(await results(client, QUERY), [{ event: { title: "Concert 7" } }]);
  });
  await check(`${name} mutation`, async () => equal(await results(client, MUTATION), [{ rename: "x" }]));
  await check(`${name} subscription until its end`, async () => {
    equal(await results(client, COUNTDOWN), [3, 2, 1].map((countdown) => ({ countdown })));
  });
  await check(`${name} refusal of a document`, () => refused(client, "{ nonsense }"));
  await check(`${name} stop at once, and again`, async () => {
    for (let n = 0; n < 3; n += 1) {
      client.subscribe({ query: NEVER_ENDS }, { next() {}, error() {}, complete() {} })();
    }
    equal((await results(client, COUNTDOWN)).length, 3);
  });
}
await check("graphql-ws goodbye", async () => {
  await socket.dispose();
  while (ended.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  equal(ended, [1000]);
});
events.dispose();

process.exit(failed === 0 ? 0 : 1);
