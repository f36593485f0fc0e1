//! What the graph itself says of its live streams.

use std::collections::{HashMap, HashSet};

use hive_router::{
    graphql_tools::static_graphql::schema::{
        Definition, Directive, Document, ObjectType, Type, TypeDefinition, Value,
    },
    query_planner::{
        ast::{
            operation::OperationDefinition,
            selection_item::SelectionItem,
            selection_set::{FieldSelection, SelectionSet},
        },
        state::supergraph_state::OperationKind,
    },
};

const TAG: &str = "tag";
/// Of an object type: what it tells does not depend on who asks, nor on anything else but the operation; and a live
/// stream of it begins with a frame that tells how things stand, for whoever comes at that moment.
const SAME_FOR_ALL: &str = "same-for-all";
/// Of fields of such a type, which together tell a frame's place in its stream: no two frames have the same, and from
/// one frame to the next it is seen whether there was one between them.
const POSITION: &str = "position";

/// The types that are the same for everybody, and what leads to them.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    types: HashMap<String, Same>,
    /// Of the fields of the root.
    streams: HashMap<String, String>,
}

#[derive(Debug, Default)]
struct Same {
    positions: HashSet<String>,
    /// Each with its type.
    fields: HashMap<String, String>,
}

impl Declared {
    pub(crate) fn by(graph: &Document) -> Self {
        let root = graph.definitions.iter().find_map(|definition| match definition {
            Definition::SchemaDefinition(schema) => schema.subscription.as_deref(),
            _ => None,
        });
        let objects = graph.definitions.iter().filter_map(|definition| match definition {
            Definition::TypeDefinition(TypeDefinition::Object(object)) => Some(object),
            _ => None,
        });
        let mut declared = Self::default();
        for object in objects {
            if Some(object.name.as_str()) == root.or(Some("Subscription")) {
                declared.streams = fields(object);
            } else if is_tagged(&object.directives, SAME_FOR_ALL) {
                let positions = object.fields.iter().filter(|field| is_tagged(&field.directives, POSITION));
                let positions = positions.map(|field| field.name.clone()).collect();
                declared.types.insert(object.name.clone(), Same { positions, fields: fields(object) });
            }
        }
        declared
    }

    /// Whether one stream of this operation can serve everybody: nothing of it depends on who asks, and each frame
    /// tells its position.
    pub(crate) fn is_same_for_all(&self, operation: &OperationDefinition) -> bool {
        if !matches!(operation.operation_kind, Some(OperationKind::Subscription)) {
            return false;
        }
        let [SelectionItem::Field(stream)] = operation.selection_set.items.as_slice() else { return false };
        let Some(kind) = self.streams.get(&stream.name) else { return false };
        let Some(same) = self.types.get(kind).filter(|same| !same.positions.is_empty()) else { return false };
        let is_always = |field: &FieldSelection| field.skip_if.is_none() && field.include_if.is_none();
        let told: HashSet<&str> = stream
            .selections
            .items
            .iter()
            .filter_map(|item| match item {
                SelectionItem::Field(field) if is_always(field) => Some(field.name.as_str()),
                _ => None,
            })
            .collect();
        is_always(stream)
            && same.positions.iter().all(|position| told.contains(position.as_str()))
            && self.covers(&stream.selections, kind)
    }

    fn covers(&self, selections: &SelectionSet, kind: &str) -> bool {
        let Some(same) = self.types.get(kind) else { return false };
        selections.items.iter().all(|item| match item {
            SelectionItem::Field(field) if field.name.starts_with("__") => true,
            SelectionItem::Field(field) => match same.fields.get(&field.name) {
                Some(kind) => field.selections.items.is_empty() || self.covers(&field.selections, kind),
                None => false,
            },
            SelectionItem::InlineFragment(part) => self.covers(&part.selections, &part.type_condition),
            SelectionItem::FragmentSpread(_) => false,
        })
    }
}

fn fields(object: &ObjectType) -> HashMap<String, String> {
    object.fields.iter().map(|field| (field.name.clone(), inner(&field.field_type).to_owned())).collect()
}

fn inner(kind: &Type) -> &str {
    match kind {
        Type::NamedType(name) => name,
        Type::ListType(kind) | Type::NonNullType(kind) => inner(kind),
    }
}

fn is_tagged(directives: &[Directive], tag: &str) -> bool {
    directives.iter().filter(|directive| directive.name == TAG).any(|directive| {
        let name = directive.arguments.iter().find(|(argument, _)| argument == "name");
        matches!(name, Some((_, Value::String(name))) if name == tag)
    })
}

#[cfg(test)]
mod tests {
    use hive_router::query_planner::utils::parsing::safe_parse_schema;

    use super::*;

    #[test]
    fn the_live_map_is_told_to_be_the_same_for_everybody_and_nothing_else_is() {
        let schema = include_str!("../../../subgraphs/tickets/schema.graphql");
        // Of extensions the parser of supergraphs knows nothing.
        let (schema, _) = schema.split_once("extend schema").unwrap();
        let declared = Declared::by(&safe_parse_schema(schema).unwrap());
        assert_eq!(declared.streams["seatMapChanged"], "SeatMapChange");
        assert_eq!(
            declared.types["SeatMapChange"].positions,
            HashSet::from(["previousVersion".to_owned(), "version".to_owned()])
        );
        let mut types: Vec<_> = declared.types.keys().map(String::as_str).collect();
        types.sort_unstable();
        assert_eq!(types, ["SeatChange", "SeatMapChange", "SectionAvailability"]);
    }
}
