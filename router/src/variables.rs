//! What is said of variables that are refused, in the words in which services tell what is wrong with an input.
//!
//! Hive-router looks at variables before any service is asked, and refuses the first that is wrong, without its place
//! (`executor/variables/mod.rs`). It decides what is refused; here all that is wrong is found, and where it was to go. What
//! an input object holds hive-router does not look at: the service tells what of it is wrong. A default that it refuses is
//! no value that was sent, and `errors.rs` words that.

use std::{collections::HashMap, iter};

use hive_router::{
    GraphQLError,
    executor::{
        introspection::schema::SchemaMetadata, plugin_context::PluginContext,
        plugins::hooks::on_graphql_params::GraphQLParams,
    },
    graphql_tools::{
        ast::ext::AstNodeWithName as _,
        static_graphql::query::{
            Definition, Document, OperationDefinition, Selection, SelectionSet, Type, Value,
        },
    },
    sonic_rs::{self, JsonContainerTrait as _, JsonValueTrait as _},
};
use kernel::{Problems, Reason, Refusal, reasons};

use crate::errors;

/// The code of hive-router's own refusal of a variable, and of nothing else that it refuses.
const REFUSED: &str = "BAD_USER_INPUT";
/// The most values of an enumeration that are told to whoever sent another.
const MOST_CHOICES: usize = 40;
/// Of one variable as many things are found as are told of an input.
const MOST_FOUND: usize = 20;

/// In a request's context: what is said if its variables are refused.
struct Wrong(GraphQLError);

/// Notes what is wrong with a request's variables, where something is.
pub(crate) fn note(
    context: &PluginContext,
    graph: &SchemaMetadata,
    document: &Document,
    params: &GraphQLParams,
) {
    let refused = operation(document, params.operation_name.as_deref())
        .and_then(|asked| asked.wrong(graph, &params.variables).refuse().err());
    if let Some(refusal) = refused {
        context.insert(Wrong(errors::of_an_input(&refusal)));
    }
}

/// What is said instead of hive-router's own error, where that is about a variable.
pub(crate) fn about_wrong(error: &GraphQLError, context: &PluginContext) -> Option<GraphQLError> {
    let told = &error.extensions;
    if told.code.as_deref() != Some(REFUSED) || told.service_name.is_some() {
        return None;
    }
    context.get_ref::<Wrong>().map(|wrong| wrong.0.clone())
}

/// The operation that is run, and the document that it stands in.
struct Asked<'a> {
    operation: &'a OperationDefinition,
    document: &'a Document,
}

fn operation<'a>(document: &'a Document, name: Option<&str>) -> Option<Asked<'a>> {
    let mut operations = document.definitions.iter().filter_map(|definition| match definition {
        Definition::Operation(operation) => Some(operation),
        Definition::Fragment(_) => None,
    });
    let name = name.filter(|name| !name.is_empty());
    let operation = operations.find(|operation| name.is_none() || operation.node_name() == name)?;
    Some(Asked { operation, document })
}

impl Asked<'_> {
    fn wrong(&self, graph: &SchemaMetadata, sent: &HashMap<String, sonic_rs::Value>) -> Problems {
        let mut problems = Problems::default();
        for variable in self.operation.variable_definitions() {
            let mut search = Search { graph, found: Vec::new() };
            match sent.get(&variable.name) {
                Some(value) => search.value(&variable.var_type, value, ""),
                None if variable.default_value.is_none() && variable.var_type.is_non_null() => {
                    search.wrong("", "must be given", reasons::REQUIRED);
                }
                None => {}
            }
            if search.found.is_empty() {
                continue;
            }
            let place = self.place(&variable.name);
            for found in search.found {
                problems.add(place.refusal(&variable.name, found));
            }
            if problems.are_enough() {
                break;
            }
        }
        problems
    }

    /// Where the variable goes: the first argument that takes it. One that none takes, but a directive, goes by its name.
    fn place(&self, variable: &str) -> Place {
        let fragments = self.document.definitions.iter().filter_map(|definition| match definition {
            Definition::Fragment(fragment) => Some(&fragment.selection_set),
            Definition::Operation(_) => None,
        });
        iter::once(self.operation.selection_set())
            .chain(fragments)
            .find_map(|selections| place(selections, variable))
            .unwrap_or_else(|| Place { input: None, part: variable.to_owned() })
    }
}

/// A part of an argument, as services call it: of an input by its own name.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    input: Option<String>,
    part: String,
}

impl Place {
    fn refusal(&self, variable: &str, Found { at, mut what, reason }: Found) -> Refusal {
        let part = format!("{}{at}", self.part);
        if self.part.rsplit('.').next() != Some(variable) {
            what = format!("{what} (it is the variable ${variable})");
        }
        let refusal = Refusal::bad_input(&part, what).because(reason);
        match &self.input {
            Some(input) => refusal.within(input),
            None => refusal,
        }
    }
}

fn place(selections: &SelectionSet, variable: &str) -> Option<Place> {
    selections.items.iter().find_map(|selection| {
        let taken = match selection {
            Selection::Field(field) => field.arguments.iter().find_map(|(argument, value)| {
                let way = way(value, variable)?;
                Some(match way.strip_prefix('.') {
                    Some(part) => Place { input: Some(argument.clone()), part: part.to_owned() },
                    None => Place { input: None, part: format!("{argument}{way}") },
                })
            }),
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => None,
        };
        taken.or_else(|| place(selection.selection_set()?, variable))
    })
}

/// The way to a variable within a literal value.
fn way(value: &Value, variable: &str) -> Option<String> {
    match value {
        Value::Variable(name) => (name == variable).then(String::new),
        Value::List(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(at, item)| Some(format!("[{at}]{}", way(item, variable)?)))
        }
        Value::Object(fields) => {
            fields.iter().find_map(|(name, value)| Some(format!(".{name}{}", way(value, variable)?)))
        }
        _ => None,
    }
}

struct Found {
    at: String,
    what: String,
    reason: Reason,
}

struct Search<'a> {
    graph: &'a SchemaMetadata,
    found: Vec<Found>,
}

impl Search<'_> {
    fn value(&mut self, ty: &Type, value: &sonic_rs::Value, at: &str) {
        match ty {
            Type::NonNullType(_) if value.is_null() => {
                self.wrong(at, "must be given, and not be null", reasons::REQUIRED);
            }
            _ if value.is_null() => {}
            Type::NonNullType(ty) => self.value(ty, value, at),
            Type::ListType(ty) => match value.as_array() {
                Some(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.value(ty, item, &format!("{at}[{index}]"));
                    }
                }
                // One alone is a list of one.
                None => self.value(ty, value, at),
            },
            Type::NamedType(name) => self.named(name, value, at),
        }
    }

    fn named(&mut self, name: &str, value: &sonic_rs::Value, at: &str) {
        if let Some(choices) = self.graph.enum_values.get(name) {
            if !value.as_str().is_some_and(|sent| choices.contains(sent)) {
                let mut choices: Vec<_> = choices.iter().map(String::as_str).collect();
                choices.sort_unstable();
                choices.truncate(MOST_CHOICES);
                self.wrong(at, &format!("must be one of {}", choices.join(", ")), reasons::UNKNOWN);
            }
            return;
        }
        let (is_right, right) = match name {
            "String" => (value.is_str(), "text"),
            "ID" => (value.is_str(), "an id, as text"),
            "Int" => (value.is_i64(), "a whole number between -2147483648 and 2147483647"),
            "Float" => (value.is_f64() || value.is_i64(), "a number"),
            "Boolean" => (value.is_boolean(), "true or false"),
            _ => return,
        };
        if !is_right {
            self.wrong(at, &format!("must be {right}"), reasons::MALFORMED);
        }
    }

    fn wrong(&mut self, at: &str, what: &str, reason: Reason) {
        if self.found.len() == MOST_FOUND {
            return;
        }
        self.found.push(Found { at: at.to_owned(), what: what.to_owned(), reason });
    }
}

#[cfg(test)]
mod tests;
