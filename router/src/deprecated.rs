//! Counts who still asks for what is deprecated, so that it can be taken away when nobody does.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Mutex, PoisonError, RwLock},
};

use hive_router::{
    graphql_tools::static_graphql::schema::{Definition, Directive, Document, Field, Type, TypeDefinition},
    ntex::http::HeaderMap,
    query_planner::{
        ast::{operation::OperationDefinition, selection_item::SelectionItem, selection_set::SelectionSet},
        state::supergraph_state::OperationKind,
    },
};

/// By which clients say what they are.
pub(crate) const CLIENT_NAME: &str = "x-client-name";

/// Counts by the graph that is served.
#[derive(Default)]
pub(crate) struct Deprecations {
    graph: RwLock<Graph>,
    clients: Clients,
}

impl Deprecations {
    /// From now on this is the graph.
    pub(crate) fn serve(&self, graph: &Document) {
        *self.graph.write().unwrap_or_else(PoisonError::into_inner) = Graph::of(graph);
    }

    /// Takes note of an operation that is about to be carried out.
    pub(crate) fn note(&self, operation: &OperationDefinition, headers: &HeaderMap) {
        let used = self.graph.read().unwrap_or_else(PoisonError::into_inner).used_by(operation);
        if used.is_empty() {
            return;
        }
        let name = headers.get(CLIENT_NAME).and_then(|name| name.to_str().ok());
        let client = self.clients.label(name);
        for field in used {
            metrics::counter!("graphql_deprecated_fields_total", "field" => field, "client" => client.clone())
                .increment(1);
        }
    }
}

/// What of the graph is deprecated, and how to get there; nothing at all, where nothing is.
#[derive(Debug, Default)]
struct Graph {
    query: String,
    mutation: Option<String>,
    subscription: Option<String>,
    types: HashMap<String, HashMap<String, Known>>,
}

/// A field.
#[derive(Debug)]
struct Known {
    kind: String,
    is_deprecated: bool,
    deprecated_arguments: HashSet<String>,
}

impl Graph {
    fn of(graph: &Document) -> Self {
        let types = graph.definitions.iter().filter_map(|definition| match definition {
            Definition::TypeDefinition(TypeDefinition::Object(object)) => {
                Some((object.name.clone(), fields(&object.fields)))
            }
            Definition::TypeDefinition(TypeDefinition::Interface(interface)) => {
                Some((interface.name.clone(), fields(&interface.fields)))
            }
            _ => None,
        });
        let types: HashMap<_, _> = types.collect();
        let is_old = |field: &Known| field.is_deprecated || !field.deprecated_arguments.is_empty();
        if !types.values().flat_map(HashMap::values).any(is_old) {
            return Self::default();
        }
        let roots = graph.definitions.iter().find_map(|definition| match definition {
            Definition::SchemaDefinition(schema) => Some(schema),
            _ => None,
        });
        Self {
            query: roots.and_then(|roots| roots.query.clone()).unwrap_or_else(|| "Query".to_owned()),
            mutation: roots.and_then(|roots| roots.mutation.clone()),
            subscription: roots.and_then(|roots| roots.subscription.clone()),
            types,
        }
    }

    /// Each once, as `Type.field` or `Type.field(argument:)`.
    fn used_by(&self, operation: &OperationDefinition) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        let root = match operation.operation_kind {
            None | Some(OperationKind::Query) => Some(&self.query),
            Some(OperationKind::Mutation) => self.mutation.as_ref(),
            Some(OperationKind::Subscription) => self.subscription.as_ref(),
        };
        if let Some(root) = root.filter(|_| !self.types.is_empty()) {
            self.walk(&operation.selection_set, root, &mut used);
        }
        used
    }

    fn walk(&self, selections: &SelectionSet, parent: &str, used: &mut BTreeSet<String>) {
        for item in &selections.items {
            match item {
                SelectionItem::Field(field) => {
                    let Some(known) = self.types.get(parent).and_then(|fields| fields.get(&field.name))
                    else {
                        continue; // Of introspection.
                    };
                    let name = format!("{parent}.{}", field.name);
                    let is_given = |argument: &&String| {
                        field.arguments.as_ref().is_some_and(|given| given.get_argument(argument).is_some())
                    };
                    let given = known.deprecated_arguments.iter().filter(is_given);
                    used.extend(given.map(|argument| format!("{name}({argument}:)")));
                    if known.is_deprecated {
                        used.insert(name);
                    }
                    self.walk(&field.selections, &known.kind, used);
                }
                SelectionItem::InlineFragment(part) => {
                    self.walk(&part.selections, &part.type_condition, used);
                }
                // Resolved before anybody comes here.
                SelectionItem::FragmentSpread(_) => {}
            }
        }
    }
}

fn fields(fields: &[Field]) -> HashMap<String, Known> {
    fields.iter().map(|field| (field.name.clone(), known(field))).collect()
}

fn known(field: &Field) -> Known {
    let old = field.arguments.iter().filter(|argument| is_deprecated(&argument.directives));
    Known {
        kind: inner(&field.field_type).to_owned(),
        is_deprecated: is_deprecated(&field.directives),
        deprecated_arguments: old.map(|argument| argument.name.clone()).collect(),
    }
}

fn inner(kind: &Type) -> &str {
    match kind {
        Type::NamedType(name) => name,
        Type::ListType(kind) | Type::NonNullType(kind) => inner(kind),
    }
}

fn is_deprecated(directives: &[Directive]) -> bool {
    directives.iter().any(|directive| directive.name == "deprecated")
}

/// Client's names that are told apart. They say what they like, so that these have an end.
#[derive(Debug, Default)]
struct Clients(Mutex<HashSet<String>>);

const MOST_CLIENTS: usize = 50;
const LONGEST_NAME: usize = 60;
/// Who does not say a name.
const NAMELESS: &str = "unknown";
/// Whose name is no name, or came after as many as are told apart.
const OTHERS: &str = "other";

impl Clients {
    fn label(&self, name: Option<&str>) -> String {
        let name = name.map(str::trim).unwrap_or_default();
        if name.is_empty() {
            return NAMELESS.to_owned();
        }
        let is_name = name.len() <= LONGEST_NAME
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || " -_./@".contains(letter));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_name && (known.contains(name) || known.len() < MOST_CLIENTS) {
            known.insert(name.to_owned());
            name.to_owned()
        } else {
            OTHERS.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use hive_router::query_planner::utils::parsing::safe_parse_schema;

    use super::*;

    #[test]
    fn a_graph_without_anything_deprecated_is_not_walked() {
        let graph = safe_parse_schema(include_str!("../tests/toy/supergraph.graphql")).unwrap();
        assert!(Graph::of(&graph).types.is_empty());
    }

    #[test]
    fn clients_are_told_apart_by_their_names() {
        let clients = Clients::default();
        for name in ["odysseus-web", "com.example.Door/2", "@shop app"] {
            assert_eq!(clients.label(Some(name)), name);
        }
        assert_eq!(clients.label(Some(" odysseus-web ")), "odysseus-web");
        for nobody in [None, Some(""), Some("  ")] {
            assert_eq!(clients.label(nobody), "unknown");
        }
        for strange in ["a\"b", "a\nb", "ä", &"x".repeat(61)] {
            assert_eq!(clients.label(Some(strange)), "other");
        }
    }

    #[test]
    fn whoever_makes_names_up_makes_no_more_than_fifty() {
        let clients = Clients::default();
        let labels: HashSet<_> =
            (0..200).map(|number| clients.label(Some(&format!("client-{number}")))).collect();
        assert_eq!(labels.len(), MOST_CLIENTS + 1, "and one for all others");
        assert_eq!(clients.label(Some("client-0")), "client-0", "whoever was there stays");
    }
}
