import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { announcements, examine, release } from "../compatible.mjs";
import { idOf } from "../documents.mjs";

const PROGRAM = fileURLToPath(new URL("../compatible.mjs", import.meta.url));
const BEFORE = "type Query { event(id: ID!): Event }\ntype Event { id: ID! title: String! }\n";
const WITHOUT_TITLE = "type Query { event(id: ID!): Event }\ntype Event { id: ID! }\n";
const GONE = "Event.title was removed.";
const REST = { paths: { "/events": { get: { operationId: "events", responses: { 200: {} } } } } };
const nowhere = () => undefined;

const folders = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** A repository whose last release had one event's title. */
function repository(files) {
  const root = mkdtempSync(join(tmpdir(), "compatible-"));
  folders.push(root);
  const all = {
    "docs/released/schema.graphql": BEFORE,
    "docs/released/rest/events.json": JSON.stringify(REST),
    "schema.graphql": BEFORE,
    "subgraphs/events/openapi.json": JSON.stringify(REST),
    "web/page/one.graphql": "{ event(id: 1) { id } }",
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function run(root, ...words) {
  return spawnSync(process.execPath, [PROGRAM, "--root", root, ...words], { encoding: "utf8" });
}

test("what stays breaks nobody", () => {
  const { unannounced, idle, invalid, forged } = examine(repository({}), nowhere);
  assert.deepEqual([unannounced, idle, invalid, forged], [[], [], [], []]);
});

test("a field that goes away unannounced fails, and is named", () => {
  const root = repository({ "schema.graphql": WITHOUT_TITLE });
  const { status, stderr } = run(root);
  assert.equal(status, 1);
  assert.match(stderr, /Event\.title was removed\./);
});

test("announced, it passes", () => {
  const root = repository({ "schema.graphql": WITHOUT_TITLE, "breaking.txt": `# since 1.0\n${GONE}  # use name\n` });
  const { status, stderr, stdout } = run(root);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /served as before/);
});

test("what is announced and did not happen fails", () => {
  assert.deepEqual(examine(repository({ "breaking.txt": `${GONE}\n` }), nowhere).idle, [GONE]);
});

test("a REST operation that goes away unannounced fails, and so does a whole document", () => {
  const empty = repository({ "subgraphs/events/openapi.json": '{"paths":{}}' });
  assert.deepEqual(examine(empty, nowhere).unannounced, ["GET /events: it is gone"]);
  rmSync(join(empty, "subgraphs/events/openapi.json"));
  assert.deepEqual(examine(empty, nowhere).unannounced, ["GET /events: it is gone"]);
});

test("an operation of our own pages has to be valid", () => {
  const root = repository({ "web/page/two.graphql": "{ event(id: 1) { seats } }", "web/page/three.graphql": "{" });
  const { invalid } = examine(root, nowhere);
  assert.equal(invalid.length, 2);
  assert.match(invalid[0], /^web\/page\/three\.graphql: Syntax Error/);
  assert.match(invalid[1], /^web\/page\/two\.graphql: Cannot query field "seats"/);
});

test("a page of the last release, which somebody may have open, is still served", () => {
  const text = "{ event(id: 1) { title } }";
  const page = { "docs/released/documents/1.0.0.json": JSON.stringify({ [idOf(text)]: text }) };
  const { unannounced } = examine(repository({ ...page, "schema.graphql": WITHOUT_TITLE }), nowhere);
  assert.equal(unannounced.length, 2);
  assert.match(unannounced[1], /^docs\/released\/documents\/1\.0\.0\.json, [0-9a-f]{64}: Cannot query field "title"/);
});

test("what may surprise is said, and fails nothing", () => {
  const more = (values) => `type Query { a: Kind }\nenum Kind { ${values} }\n`;
  const files = { "docs/released/schema.graphql": more("A"), "schema.graphql": more("A B"), "web/page/one.graphql": "{ a }" };
  const { status, stdout } = run(repository(files));
  assert.equal(status, 0);
  assert.match(stdout, /Clients may be surprised: B was added to enum type Kind\./);
});

test("what is kept of the last release is what its tag has", () => {
  const root = repository({});
  const git = ([word, what]) => (word === "describe" ? "v1.0.0\n" : what === "v1.0.0:schema.graphql" ? "type Query { a: Int }" : undefined);
  const { forged, base } = examine(root, git);
  assert.deepEqual(forged, ["schema.graphql"]);
  assert.match(base, /v1\.0\.0/);
});

test("a release keeps what it had, and begins its announcements anew", () => {
  const root = repository({ "schema.graphql": WITHOUT_TITLE, "breaking.txt": `# Heading.\n${GONE}\n` });
  for (const version of ["0.9.0", "0.10.0", "1.0.0"]) release(root, version);
  assert.deepEqual(examine(root, nowhere).unannounced, []);
  assert.equal(readFileSync(join(root, "breaking.txt"), "utf8"), "# Heading.\n");
  const kept = ["0.9.0", "0.10.0", "1.0.0"].map((version) => existsSync(join(root, `docs/released/documents/${version}.json`)));
  assert.deepEqual(kept, [false, true, true]);
  assert.throws(() => release(root, "next"), /three numbers/);
});

test("announcements are lines, and what follows a # is for people", () => {
  assert.deepEqual(announcements("# all\n\n a b.  # why\nc.\n"), ["a b.", "c."]);
});
