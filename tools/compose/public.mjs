// The schema as clients have it: the supergraph without what only the router needs.

import { transformSupergraphToPublicSchema } from "@theguild/federation-composition";
import { Kind, parse, print, visit } from "graphql";

const SEMANTIC = "semanticNonNull";
const DEFINITION = parse(`
"""
Null only by an error, which stands in the answer's \`errors\`: a client that throws errors never sees null here.
"""
directive @${SEMANTIC}("""Of lists in lists: at which levels.""" levels: [Int!]! = [0]) on FIELD_DEFINITION
`);

/** Pages: where there is nothing, the page is empty. */
const PAGE = /Connection$/;
const MUTATION = "Mutation";
/** Other fields that have a value unless they are refused. */
const ALWAYS_THERE = [
  "Organization.branding",
  "Organization.invitations",
  "Organization.seller",
  "Organization.settings",
  "SalesReport.timeline",
  "User.memberships",
];

/**
 * The public schema of a supergraph, and the names of fields that are said to be always there but are nowhere.
 *
 * A mutation either does something and tells of it, or is refused; a page is there or refused. In the types they may be
 * null, so that a refusal takes nothing else of the answer with it; here they have `@semanticNonNull`, which Relay and
 * Apollo Kotlin read. Fields that are null where there is nothing, such as `event`, have not.
 */
export function publicSchema(supergraph) {
  const unknown = new Set(ALWAYS_THERE);
  const told = (type) => ({
    ...type,
    fields: type.fields?.map((field) => (isNullOnlyByError(type, field, unknown) ? withDirective(field) : field)),
  });
  const schema = visit(transformSupergraphToPublicSchema(parse(supergraph)), { ObjectTypeDefinition: told });
  const definitions = [...DEFINITION.definitions, ...schema.definitions];
  return { sdl: print({ ...schema, definitions }), unknown: [...unknown] };
}

function isNullOnlyByError(type, field, unknown) {
  const isNamed = unknown.delete(`${type.name.value}.${field.name.value}`);
  if (field.type.kind === Kind.NON_NULL_TYPE) return false;
  const isPage = field.type.kind === Kind.NAMED_TYPE && PAGE.test(field.type.name.value);
  return type.name.value === MUTATION || isPage || isNamed;
}

function withDirective(field) {
  const directive = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: SEMANTIC } };
  return { ...field, directives: [...(field.directives ?? []), directive] };
}
