// What clients build on stands in the graph, by names, arguments, defaults and nullability.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve, dirname } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Kind, parse, print } from "graphql";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const read = (path) => parse(readFileSync(join(ROOT, path), "utf8"));

/** What is promised and is not so, in words. */
function differences(promised, is) {
  const there = new Map(is.definitions.filter(({ name }) => name).map((definition) => [definition.name.value, definition]));
  return promised.definitions.flatMap((promise) => {
    const name = promise.name.value;
    const found = there.get(name);
    if (!found || found.kind !== promise.kind) return [`${name}: no such ${promise.kind}`];
    const missing = (kind) => (one) => `${name}.${one.name.value}: ${kind}`;
    const among = (list, one) => (list ?? []).find((other) => other.name.value === one.name.value);
    switch (promise.kind) {
      case Kind.SCALAR_TYPE_DEFINITION:
        return directives(promise) === directives(found) ? [] : [`${name}: is ${directives(found)}`];
      case Kind.ENUM_TYPE_DEFINITION:
        return promise.values.filter((value) => !among(found.values, value)).map(missing("no such value"));
      default:
        return [...interfaces(promise, found), ...promise.fields.flatMap((field) => {
          const same = among(found.fields, field);
          if (!same) return [missing("no such field")(field)];
          const shape = (one) => `${print(one.type)}${one.defaultValue ? ` = ${print(one.defaultValue)}` : ""}`;
          const wrong = shape(same) === shape(field) ? [] : [`${name}.${field.name.value}: is ${shape(same)}`];
          const others = (field.arguments ?? []).flatMap((argument) => {
            const given = among(same.arguments, argument);
            if (given && shape(given) === shape(argument)) return [];
            return [`${name}.${field.name.value}(${argument.name.value}): is ${given ? shape(given) : "missing"}`];
          });
          const known = new Set((field.arguments ?? []).map((argument) => argument.name.value));
          const needed = (same.arguments ?? []).filter(
            (argument) => !known.has(argument.name.value) && argument.type.kind === Kind.NON_NULL_TYPE && !argument.defaultValue,
          );
          return [...wrong, ...others, ...needed.map((one) => `${name}.${field.name.value}(${one.name.value}): is needed`)];
        })];
    }
  });
}

/** Those that a type does not implement. */
function interfaces(promise, found) {
  const has = (found.interfaces ?? []).map(print);
  const missing = (promise.interfaces ?? []).map(print).filter((name) => !has.includes(name));
  return missing.map((name) => `${promise.name.value}: is no ${name}`);
}

const directives = (definition) => definition.directives.map(print).join(" ");

test("what clients build on stands in the graph", () => {
  assert.deepEqual(differences(read("docs/contract.graphql"), read("schema.graphql")), []);
});

test("whatever is missing or differs is told", () => {
  const is = parse(`
    scalar When @specifiedBy(url: "https://example.org/other")
    enum Colour { RED }
    input Ask { size: Int = 1, name: String! }
    interface Other { one: String }
    type Query implements Other { one(id: ID!, also: Int!): String, list: [String] }`);
  const promised = parse(`
    scalar When @specifiedBy(url: "https://example.org/when")
    scalar Gone
    enum Colour { RED GREEN }
    input Ask { size: Int = 2, name: String }
    type Query implements Node { one(id: ID): String, list: [String!]!, none: Int }`);
  assert.deepEqual(differences(promised, is), [
    'When: is @specifiedBy(url: "https://example.org/other")',
    "Gone: no such ScalarTypeDefinition",
    "Colour.GREEN: no such value",
    "Ask.size: is Int = 1",
    "Ask.name: is String!",
    "Query: is no Node",
    "Query.one(id): is ID!",
    "Query.one(also): is needed",
    "Query.list: is [String]",
    "Query.none: no such field",
  ]);
});
