import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { idOf, manifest, operationsOfEarlierPages, operationsOfPages } from "../documents.mjs";

test("a document is known by the hash of its text, as Apollo's client makes it", () => {
  // The one that Apollo's documentation has.
  assert.equal(idOf("{__typename}"), "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38");
});

test("the manifest has every page's operations, in an order of its own", (context) => {
  const root = mkdtempSync(join(tmpdir(), "documents-"));
  context.after(() => rmSync(root, { recursive: true }));
  const texts = { "web/a.graphql": "{ a }", "web/shop/b.graphql": "{ b }", "web/node_modules/x/c.graphql": "{ c }" };
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const operations = operationsOfPages(root);
  assert.deepEqual(operations.map(({ file }) => file), ["web/a.graphql", "web/shop/b.graphql"]);
  const hash = (text) => createHash("sha256").update(text).digest("hex");
  assert.deepEqual(JSON.parse(manifest(operations)), { [hash("{ a }")]: "{ a }", [hash("{ b }")]: "{ b }" });
  assert.equal(manifest(operations), manifest([...operations].reverse()));
});

test("a document is sent with its fragments, and theirs, each once", (context) => {
  const root = mkdtempSync(join(tmpdir(), "documents-"));
  context.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "web"));
  const write = (name, text) => writeFileSync(join(root, "web", name), text);
  write("a.graphql", "{ me { ...Person cart { ...Cart } } }\n");
  write("parts.graphql", "fragment Cart on Cart { owner { ...Person } }\n\nfragment Person on User { id }\n\nfragment Other on User { name }\n");
  assert.deepEqual(operationsOfPages(root), [
    {
      file: "web/a.graphql",
      text: "{ me { ...Person cart { ...Cart } } }\n\nfragment Person on User { id }\n\nfragment Cart on Cart { owner { ...Person } }\n",
    },
  ]);
  write("b.graphql", "{ me { ...Nobody } }");
  assert.throws(() => operationsOfPages(root), /web\/b.graphql: there is no fragment Nobody/);
});

test("what an earlier release wrote down is not to be changed", (context) => {
  const root = mkdtempSync(join(tmpdir(), "documents-"));
  context.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "docs/released/documents"), { recursive: true });
  writeFileSync(join(root, "docs/released/documents/1.0.0.json"), JSON.stringify({ [idOf("{ a }")]: "{ b }" }));
  assert.throws(() => operationsOfEarlierPages(root), /is not the hash of its text/);
});
