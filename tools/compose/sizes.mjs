// How long lists are, for the router's estimate of what an operation may return (router/src/cost.rs).
//
// A list that is read in pages is as long as its `first` says: each gets @listSize here, known by its form. Other lists
// count as `default_list_size` of router/router.yaml, except those below.

import { Kind, parseConstValue, visit } from "graphql";

/** Lists that are much longer or shorter than most: as in large halls, and in a family's orders. */
const USUAL_SIZES = {
  "Event.ticketTypes": 8,
  "LayoutSection.rows": 25,
  "Order.items": 6,
  "Order.tickets": 6,
  "Reservation.items": 6,
  "SeatMapSection.seats": 500,
  "SeatMapSection.ticketTypes": 3,
  "TicketType.tiers": 3,
  "Venue.layouts": 3,
};

const PAGE = "first";
const PARTS_OF_PAGE = ["edges", "nodes"];
const FEDERATION = "https://specs.apollo.dev/federation/";
/** The first version that knows @listSize. */
const VERSION = "v2.9";

/** The subgraphs with @listSize on their lists, and the names of lists that are sized here but are nowhere. */
export function withSizes(subgraphs) {
  const unknown = new Set(Object.keys(USUAL_SIZES));
  const sized = subgraphs.map((subgraph) => ({ ...subgraph, typeDefs: withSizedLists(subgraph.typeDefs, unknown) }));
  return { sized, unknown: [...unknown] };
}

function withSizedLists(typeDefs, unknown) {
  const lists = (node) => ({
    ...node,
    fields: node.fields?.map((field) => withSize(`${node.name.value}.${field.name.value}`, field, unknown)),
  });
  return visit(typeDefs, {
    ObjectTypeDefinition: lists,
    ObjectTypeExtension: lists,
    InterfaceTypeDefinition: lists,
    SchemaDefinition: withImport,
    SchemaExtension: withImport,
  });
}

function withSize(name, field, unknown) {
  const usual = USUAL_SIZES[name];
  if (usual !== undefined) {
    unknown.delete(name);
    return withDirective(field, `{ assumedSize: ${usual} }`);
  }
  const isPaged = field.arguments?.some((argument) => argument.name.value === PAGE);
  if (!isPaged) return field;
  // Left out, `first` is as long as its default, which `default_list_size` has to be.
  // Some lists are no pages, and have their length themselves.
  const sized = isList(field.type) ? "" : `sizedFields: ${JSON.stringify(PARTS_OF_PAGE)}, `;
  return withDirective(field, `{ slicingArguments: ["${PAGE}"], ${sized}requireOneSlicingArgument: false }`);
}

function isList(type) {
  return type.kind === Kind.NON_NULL_TYPE ? isList(type.type) : type.kind === Kind.LIST_TYPE;
}

function withDirective(field, values) {
  const listSize = { kind: Kind.DIRECTIVE, name: name("listSize"), arguments: argumentsOf(values) };
  return { ...field, directives: [...(field.directives ?? []), listSize] };
}

/** The federation's link, of a version that knows @listSize, importing it. */
function withImport(schema) {
  const directives = schema.directives?.map((link) => {
    const url = link.arguments?.find((argument) => argument.name.value === "url")?.value.value;
    if (link.name.value !== "link" || !url?.startsWith(FEDERATION)) return link;
    return { ...link, arguments: link.arguments.map(linked) };
  });
  return { ...schema, directives };
}

function linked(argument) {
  const { name, value } = argument;
  if (name.value === "url") return { ...argument, value: { ...value, value: `${FEDERATION}${VERSION}` } };
  if (name.value !== "import") return argument;
  return { ...argument, value: { ...value, values: [...value.values, parseConstValue('"@listSize"')] } };
}

function argumentsOf(values) {
  return parseConstValue(values).fields.map((field) => ({ ...field, kind: Kind.ARGUMENT }));
}

function name(value) {
  return { kind: Kind.NAME, value };
}
