//! Where in an operation something is: its fields by their places in the answer, and what their arguments hold.

use async_graphql::{
    PathSegment, Value, Variables,
    parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet},
    registry::{MetaField, MetaType, MetaTypeName, Registry},
};

/// A field that an operation asks for, and what the schema says of it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) field: &'a Field,
    pub(super) known: &'a MetaField,
}

impl<'a> Asked<'a> {
    /// The field at this place of the answer.
    pub(super) fn at(
        registry: &'a Registry,
        document: &'a ExecutableDocument,
        place: &[PathSegment],
    ) -> Option<Self> {
        let names: Vec<&str> = place
            .iter()
            .filter_map(|segment| match segment {
                PathSegment::Field(name) => Some(name.as_str()),
                PathSegment::Index(_) => None,
            })
            .collect();
        let search = Search { registry, document };
        roots(registry, document).find_map(|(set, ty)| search.along(set, ty, &names))
    }

    /// Every field of a document, whether its operation is executed or not.
    pub(super) fn everywhere(registry: &'a Registry, document: &'a ExecutableDocument) -> Vec<Self> {
        let fragments = document.fragments.values().map(|fragment| {
            (&fragment.node.selection_set.node, fragment.node.type_condition.node.on.node.as_str())
        });
        let search = Search { registry, document };
        let mut found = Vec::new();
        for (set, ty) in roots(registry, document).chain(fragments) {
            search.all(set, ty, &mut found);
        }
        found
    }

    /// The way to a part of its input, from the name of the argument on: what the domain calls `name` is `input`, `name`.
    pub(super) fn way_to(&self, registry: &Registry, part: &[String]) -> Option<Vec<String>> {
        let first = part.first()?.as_str();
        if self.known.args.contains_key(first) {
            return Some(part.to_vec());
        }
        let fields = |ty: &str| match registry.types.get(MetaTypeName::concrete_typename(ty)) {
            Some(MetaType::InputObject { input_fields, .. }) => Some(input_fields),
            _ => None,
        };
        let mut inputs = self.known.args.values().filter_map(|one| Some((&one.name, fields(&one.ty)?)));
        let (name, fields) = inputs.clone().find(|(_, fields)| fields.contains_key(first)).or_else(|| {
            // What is wrong with the whole, such as two parts that do not go together.
            inputs.next().filter(|_| inputs.next().is_none())
        })?;
        let part = if fields.contains_key(first) { part } else { &[] };
        Some([name.clone()].into_iter().chain(part.iter().cloned()).collect())
    }

    /// Its arguments, with their types and values.
    pub(super) fn arguments(&self, variables: &Variables) -> impl Iterator<Item = (&'a str, &'a str, Value)> {
        self.field.arguments.iter().filter_map(move |(name, value)| {
            let argument = self.known.args.get(name.node.as_str())?;
            let value = value.node.clone();
            let value = value.into_const_with(|name| variables.get(&name).cloned().ok_or(())).ok()?;
            Some((argument.name.as_str(), argument.ty.as_str(), value))
        })
    }
}

/// What the operations of a document select, with the type they select it of.
fn roots<'a>(
    registry: &'a Registry,
    document: &'a ExecutableDocument,
) -> impl Iterator<Item = (&'a SelectionSet, &'a str)> {
    document.operations.iter().filter_map(|(_, operation)| {
        let root = match operation.node.ty {
            OperationType::Query => Some(&registry.query_type),
            OperationType::Mutation => registry.mutation_type.as_ref(),
            OperationType::Subscription => registry.subscription_type.as_ref(),
        };
        Some((&operation.node.selection_set.node, root?.as_str()))
    })
}

struct Search<'a> {
    registry: &'a Registry,
    document: &'a ExecutableDocument,
}

impl<'a> Search<'a> {
    fn asked(&self, field: &'a Field, ty: &str) -> Option<Asked<'a>> {
        let known = self.registry.types.get(ty)?.field_by_name(field.name.node.as_str())?;
        Some(Asked { field, known })
    }

    /// Only what was executed has a place in an answer, and in what was executed no fragment leads to itself.
    fn along(&self, set: &'a SelectionSet, ty: &'a str, names: &[&str]) -> Option<Asked<'a>> {
        let (name, rest) = names.split_first()?;
        set.items.iter().find_map(|selection| match &selection.node {
            Selection::Field(field) if field.node.response_key().node.as_str() == *name => {
                let asked = self.asked(&field.node, ty)?;
                if rest.is_empty() {
                    return Some(asked);
                }
                let ty = MetaTypeName::concrete_typename(&asked.known.ty);
                self.along(&field.node.selection_set.node, ty, rest)
            }
            Selection::Field(_) => None,
            Selection::InlineFragment(fragment) => {
                let on = fragment.node.type_condition.as_ref();
                let ty = on.map_or(ty, |condition| condition.node.on.node.as_str());
                self.along(&fragment.node.selection_set.node, ty, names)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = self.document.fragments.get(&spread.node.fragment_name.node)?;
                let ty = fragment.node.type_condition.node.on.node.as_str();
                self.along(&fragment.node.selection_set.node, ty, names)
            }
        })
    }

    fn all(&self, set: &'a SelectionSet, ty: &'a str, found: &mut Vec<Asked<'a>>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let Some(asked) = self.asked(&field.node, ty) else { continue };
                    found.push(asked);
                    let ty = MetaTypeName::concrete_typename(&asked.known.ty);
                    self.all(&field.node.selection_set.node, ty, found);
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    let ty = on.map_or(ty, |condition| condition.node.on.node.as_str());
                    self.all(&fragment.node.selection_set.node, ty, found);
                }
                Selection::FragmentSpread(_) => {} // is looked into by itself
            }
        }
    }
}
