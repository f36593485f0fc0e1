import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { composeServices } from "@theguild/federation-composition";
import { buildSchema, parse } from "graphql";
import { withGrowth } from "../growth.mjs";
import { publicSchema } from "../public.mjs";

const SUBGRAPH = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query {
  "One; null where there is none."
  event(id: ID!): Event
  events: EventConnection
}
type Mutation { publishEvent(id: ID!): Event  rename(name: String!): String!  logout: Boolean }
type Event @key(fields: "id") { id: ID!  status: EventStatus!  old: String @deprecated(reason: "Use id. Goes away with 2.0.") }
type EventConnection { nodes: [Event!]! }
"Where it stands."
enum EventStatus { DRAFT PUBLISHED }
"Closed."
enum ErrorCode { INTERNAL }
enum Unsaid { ONE }
extend type Event { code: ErrorCode unsaid: Unsaid }
`;

function published() {
  const subgraphs = withGrowth([{ name: "events", url: "http://events", typeDefs: parse(SUBGRAPH) }]);
  const { supergraphSdl } = composeServices(subgraphs);
  return publicSchema(supergraphSdl);
}

/** The fields, as Type.field, that are said to be null only by an error. */
function semantic(schema) {
  const types = Object.values(schema.getTypeMap());
  return types.flatMap((type) => {
    const fields = Object.values(type.astNode?.kind === "ObjectTypeDefinition" ? type.getFields() : {});
    const marked = fields.filter(({ astNode }) => astNode.directives.some(({ name }) => name.value === "semanticNonNull"));
    return marked.map((field) => `${type.name}.${field.name}`);
  });
}

test("what is null only by an error says so, and what may be missing does not", () => {
  const { sdl } = published();
  assert.deepEqual(semantic(buildSchema(sdl)).sort(), ["Mutation.logout", "Mutation.publishEvent", "Query.events"]);
});

test("clients see nothing of how the graph is composed", () => {
  const { sdl } = published();
  assert.doesNotMatch(sdl, /join__|link__|@link|@key|_entities/);
  assert.match(sdl, /@deprecated\(reason: "Use id. Goes away with 2.0."\)/);
  assert.match(sdl, /One; null where there is none\./);
});

test("enums say that they may grow, but for those that never do", () => {
  const types = buildSchema(published().sdl).getTypeMap();
  assert.equal(types.EventStatus.description, "Where it stands. More values may come.");
  assert.equal(types.Unsaid.description, "More values may come.");
  assert.equal(types.ErrorCode.description, "Closed.");
});

test("a field that is said to be always there, and is nowhere, is named", () => {
  assert.deepEqual(published().unknown, [
    "Organization.branding",
    "Organization.invitations",
    "Organization.seller",
    "Organization.settings",
    "SalesReport.timeline",
    "User.memberships",
  ]);
});

test("every mutation and every page of the real graph can be read without a null, and no entity that may be missing", () => {
  const schema = buildSchema(readFileSync(new URL("../../../schema.graphql", import.meta.url), "utf8"));
  const marked = new Set(semantic(schema));
  const nullable = (type) => Object.values(type.getFields()).filter((field) => !String(field.type).endsWith("!"));
  for (const field of nullable(schema.getMutationType())) assert.ok(marked.has(`Mutation.${field.name}`), field.name);
  const query = nullable(schema.getQueryType()).map((field) => `Query.${field.name}`);
  assert.ok(marked.has("Query.events") && marked.has("Query.notifications"));
  assert.ok(!marked.has("Query.event") && !marked.has("Query.me") && query.length > 5);
});
