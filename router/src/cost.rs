//! What an operation may cost: how many objects its answer may hold.
//!
//! Hive's own estimate adds up what each subgraph is asked for, and counts whatever is fetched from a second subgraph as
//! a list of twenty: one seat map costs as much as a hundred. Ours walks the operation as the client wrote it, so that a
//! list multiplies all that is below it, whoever answers.

use std::{collections::HashMap, sync::RwLock};

use hive_router::{
    config::HiveRouterConfig,
    executor::plugins::hooks::{on_graphql_params::GraphQLParams, on_supergraph_load::SupergraphSnapshot},
    http::HeaderName,
    ntex::http::HeaderMap,
    query_planner::{
        ast::{
            operation::OperationDefinition,
            selection_item::SelectionItem,
            selection_set::{FieldSelection, SelectionSet},
            value::Value,
        },
        federation_spec::demand_control::ListSizeDirective,
        state::supergraph_state::{OperationKind, SupergraphDefinition, SupergraphField, SupergraphState},
    },
    sonic_rs::JsonValueTrait as _,
};

const ESTIMATED: HeaderName = HeaderName::from_static("x-cost-estimated");
const MOST: HeaderName = HeaderName::from_static("x-cost-max");

/// What a mutation costs beside what it answers.
const MUTATION: u64 = 10;

/// What an operation was estimated at.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) estimated: u64,
    pub(crate) most: u64,
}

impl Cost {
    pub(crate) fn is_too_high(self) -> bool {
        self.estimated > self.most
    }

    /// Tells the client.
    pub(crate) fn mark(self, headers: &mut HeaderMap) {
        headers.insert(ESTIMATED, self.estimated.into());
        headers.insert(MOST, self.most.into());
    }
}

/// Estimates operations by the graph that is served.
pub(crate) struct Costs {
    /// None where router.yaml sets no limit.
    most: Option<u64>,
    usual_size: u64,
    graph: RwLock<Option<SupergraphSnapshot>>,
}

impl Costs {
    pub(crate) fn new(config: &HiveRouterConfig) -> Self {
        let limits = config.demand_control.as_ref();
        let usual_size = limits.and_then(|limits| limits.default_list_size.all).unwrap_or(0);
        Self {
            most: limits.map(|limits| limits.operation_cost.max),
            usual_size: usual_size as u64,
            graph: RwLock::default(),
        }
    }

    pub(crate) fn serve(&self, graph: SupergraphSnapshot) {
        *self.graph.write().expect("nobody panics while holding it") = Some(graph);
    }

    pub(crate) fn of(&self, operation: &OperationDefinition, sent: &Sent) -> Option<Cost> {
        let most = self.most?;
        let graph = self.graph.read().expect("nobody panics while holding it").clone()?;
        let graph = &graph.planner.supergraph;
        let definitions = operation.variable_definitions.iter().flatten();
        let defaults = definitions
            .filter_map(|variable| Some((variable.name.as_str(), variable.default_value.as_ref()?)))
            .collect();
        let walk = Walk { graph, usual_size: self.usual_size, sent, defaults };
        let kind = operation.operation_kind.as_ref();
        let root = graph.expect_root_type_name(kind);
        let base = if matches!(kind, Some(OperationKind::Mutation)) { MUTATION } else { 0 };
        let estimated = walk.selections(&operation.selection_set, root, &[]).saturating_add(base);
        Some(Cost { estimated, most })
    }
}

/// The variables that say how long a list is, or whether it is asked for at all.
#[derive(Default)]
pub(crate) struct Sent(HashMap<String, Plain>);

/// One that is neither (null, too) leaves a length as if it were left out.
enum Plain {
    Number(i64),
    Flag(bool),
    Other,
}

impl Sent {
    /// Hive takes the variables out of the parameters once it has coerced them, so that these are remembered before.
    pub(crate) fn by(params: &GraphQLParams) -> Self {
        let plain = params.variables.iter().map(|(name, value)| {
            let number = value.as_i64().map(Plain::Number);
            let plain = number.or_else(|| value.as_bool().map(Plain::Flag)).unwrap_or(Plain::Other);
            (name.clone(), plain)
        });
        Self(plain.collect())
    }
}

struct Walk<'a> {
    graph: &'a SupergraphState,
    usual_size: u64,
    sent: &'a Sent,
    /// Of variables.
    defaults: HashMap<&'a str, &'a Value>,
}

/// Where below a field a list is, and how long.
type Sized<'a> = (&'a [String], u64);

impl Walk<'_> {
    fn selections(&self, selections: &SelectionSet, parent: &str, sized: &[Sized<'_>]) -> u64 {
        let costs = selections.items.iter().map(|item| match item {
            SelectionItem::Field(field)
                if self.is_left_out(field.skip_if.as_deref(), field.include_if.as_deref()) =>
            {
                0
            }
            SelectionItem::Field(field) => self.field(field, parent, sized),
            SelectionItem::InlineFragment(part)
                if self.is_left_out(part.skip_if.as_deref(), part.include_if.as_deref()) =>
            {
                0
            }
            SelectionItem::InlineFragment(part) => {
                self.selections(&part.selections, &part.type_condition, sized)
            }
            // Resolved before anybody comes here.
            SelectionItem::FragmentSpread(_) => 0,
        });
        costs.fold(0, u64::saturating_add)
    }

    fn field(&self, field: &FieldSelection, parent: &str, sized: &[Sized<'_>]) -> u64 {
        let Some(definition) = self.graph.definitions.get(parent).and_then(|of| of.fields().get(&field.name))
        else {
            return 0; // Of introspection.
        };
        let mut below: Vec<Sized<'_>> = sized.iter().filter_map(|sized| inside(sized, &field.name)).collect();
        let told = below.iter().find(|(path, _)| path.is_empty()).map(|(_, size)| *size);
        below.retain(|(path, _)| !path.is_empty());
        let size = definition.list_size.as_ref().map(|list| self.size(list, field));
        let parts = definition.list_size.as_ref().and_then(|list| list.sized_fields.as_ref());
        if let (Some(parts), Some(size)) = (parts, size) {
            below.extend(parts.iter().map(|path| (path.as_slice(), size)));
        }
        let own_size = if parts.is_some() { None } else { size };
        let items =
            if definition.field_type.is_list() { told.or(own_size).unwrap_or(self.usual_size) } else { 1 };
        let kind = definition.field_type.inner_type();
        let item = self.weight(kind).saturating_add(self.selections(&field.selections, kind, &below));
        items.saturating_mul(item).saturating_add(weight_of_field(definition, field))
    }

    fn size(&self, list: &ListSizeDirective, field: &FieldSelection) -> u64 {
        if let Some(size) = list.assumed_size {
            return size as u64;
        }
        let arguments = field.arguments.as_ref();
        let slicing = list.slicing_arguments.iter().flatten().filter_map(|path| match path.as_slice() {
            [argument] => self.whole_number(arguments?.get_argument(argument)?),
            _ => None,
        });
        slicing.max().unwrap_or(self.usual_size)
    }

    /// Below zero counts as nothing: the service refuses it.
    fn whole_number(&self, value: &Value) -> Option<u64> {
        let number = match value {
            Value::Int(number) => *number,
            Value::Variable(name) => match (self.sent.0.get(name), self.defaults.get(name.as_str())) {
                (Some(Plain::Number(number)), _) | (None, Some(Value::Int(number))) => *number,
                _ => return None,
            },
            _ => return None,
        };
        Some(u64::try_from(number).unwrap_or(0))
    }

    fn is_left_out(&self, skip_if: Option<&str>, include_if: Option<&str>) -> bool {
        skip_if.is_some_and(|name| self.is_true(name)) || include_if.is_some_and(|name| !self.is_true(name))
    }

    fn is_true(&self, variable: &str) -> bool {
        match self.sent.0.get(variable) {
            Some(sent) => matches!(sent, Plain::Flag(true)),
            None => matches!(self.defaults.get(variable), Some(Value::Boolean(true))),
        }
    }

    fn weight(&self, kind: &str) -> u64 {
        let (cost, usual) = match self.graph.definitions.get(kind) {
            Some(SupergraphDefinition::Object(object)) => (object.cost.as_ref(), 1),
            Some(SupergraphDefinition::Interface(_) | SupergraphDefinition::Union(_)) => (None, 1),
            Some(SupergraphDefinition::Enum(kind)) => (kind.cost.as_ref(), 0),
            Some(SupergraphDefinition::Scalar(kind)) => (kind.cost.as_ref(), 0),
            Some(SupergraphDefinition::InputObject(_)) | None => (None, 0),
        };
        cost.map_or(usual, |cost| cost.weight)
    }
}

fn inside<'a>((path, size): &Sized<'a>, field: &str) -> Option<Sized<'a>> {
    let (first, rest) = path.split_first()?;
    (first == field).then_some((rest, *size))
}

fn weight_of_field(definition: &SupergraphField, field: &FieldSelection) -> u64 {
    let own = definition.cost.as_ref().map_or(0, |cost| cost.weight);
    let Some(arguments) = &field.arguments else { return own };
    let asked = arguments.keys().filter_map(|argument| definition.cost_by_arguments.get(argument));
    asked.fold(own, |sum, cost| sum.saturating_add(cost.weight))
}
