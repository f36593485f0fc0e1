//! Who may ask for what, as the schemas and the OpenAPI documents declare it.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, ConstDirective, Type, TypeKind, TypeSystemDefinition},
};
use serde_json::Value;

/// Who may ask for something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Who may at all.
    pub who: BTreeSet<String>,
    /// Who sees what is hidden from the others; nobody in particular where nothing is.
    pub hidden: BTreeSet<String>,
}

impl Access {
    /// As an OpenAPI document has it, in `x-access`.
    pub fn of_operation(operation: &Value) -> Option<Self> {
        Self::read(operation.get("x-access")?)
    }

    fn of(directives: &[async_graphql::Positioned<ConstDirective>]) -> Option<Self> {
        let declared = directives.iter().find(|directive| directive.node.name.node == "access")?;
        let arguments = declared.node.arguments.iter().map(|(name, value)| {
            (name.node.to_string(), value.node.clone().into_json().expect("a list of names is plain data"))
        });
        Self::read(&Value::Object(arguments.collect()))
    }

    fn read(declared: &Value) -> Option<Self> {
        let names = |key: &str| -> BTreeSet<String> {
            let named = declared[key].as_array().into_iter().flatten();
            named.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Some(Self { who: names("who"), hidden: names("hidden") }).filter(|access| !access.who.is_empty())
    }
}

/// What a service's schema declares.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// Every name of who may.
    pub names: BTreeSet<String>,
    /// Every field, by type and name, and who may ask for it, where it says so.
    pub fields: BTreeMap<(String, String), Option<Access>>,
    /// The fields whose types have no fields of their own.
    leaves: BTreeSet<(String, String)>,
    /// Every type that this service looks up by a key, and who may look one up.
    pub entities: BTreeMap<String, Option<Access>>,
}

impl Declared {
    /// Reads a schema in the federation's SDL.
    pub fn by(sdl: &str) -> Self {
        let mut declared = Self::default();
        let (mut types, mut objects) = (BTreeMap::new(), BTreeSet::new());
        for definition in parse_schema(sdl).expect("a service's schema can be read").definitions {
            let TypeSystemDefinition::Type(found) = definition else { continue };
            let name = found.node.name.node.to_string();
            match &found.node.kind {
                TypeKind::Object(object) => {
                    objects.insert(name.clone());
                    for field in &object.fields {
                        let key = (name.clone(), field.node.name.node.to_string());
                        types.insert(key.clone(), innermost(&field.node.ty.node));
                        declared.fields.insert(key, Access::of(&field.node.directives));
                    }
                    if found.node.directives.iter().any(|directive| is_looked_up(&directive.node)) {
                        declared.entities.insert(name, Access::of(&found.node.directives));
                    }
                }
                TypeKind::Enum(names) if name == "Who" => {
                    declared.names =
                        names.values.iter().map(|name| name.node.value.node.to_string()).collect();
                }
                _ => {}
            }
        }
        types.retain(|_, ty| !objects.contains(ty));
        declared.leaves = types.into_keys().collect();
        declared
    }

    /// True for a field without fields of its own.
    pub fn is_leaf(&self, of: &str, field: &str) -> bool {
        self.leaves.contains(&(of.to_owned(), field.to_owned()))
    }

    /// The root fields, each with its kind (`Query`, `Mutation` or `Subscription`) and who may ask for it.
    pub fn roots(&self) -> impl Iterator<Item = (&str, &str, Option<&Access>)> {
        let roots = self.fields.iter().filter(|((of, _), _)| is_root(of));
        roots.map(|((of, name), access)| (of.as_str(), name.as_str(), access.as_ref()))
    }
}

/// The name of a type without what is wrapped around it.
fn innermost(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => innermost(inner),
    }
}

/// True for the types of root fields.
pub fn is_root(name: &str) -> bool {
    ["Query", "Mutation", "Subscription"].contains(&name)
}

/// True for a key by which this service answers; not for that of a type that it only names.
fn is_looked_up(directive: &ConstDirective) -> bool {
    let only_named = directive.get_argument("resolvable").is_some_and(|value| value.node == false.into());
    directive.name.node == "key" && !only_named
}

/// The operations of an OpenAPI document: method, path, and what is said of them.
pub fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        let operations = item.as_object().into_iter().flatten().filter(|(_, said)| said.is_object());
        operations.map(|(method, said)| (method.to_uppercase(), path.clone(), said.clone()))
    });
    all.collect()
}
