//! Each operation is a request of its own, and does only so much.

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{
    Request, Response, ServerResult, Value, Variables,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextExecute, NextParseQuery, NextPrepareRequest,
        NextRequest, NextResolve, NextSubscribe, ResolveInfo,
    },
    parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet},
};
use futures::stream::BoxStream;
use kernel::{COSTLY_MUTATIONS, MOST_COSTLY_MUTATIONS, MOST_MUTATIONS, Refusal, reasons};

use super::{
    errors::{Coded, of_the_operation},
    instants,
    loading::Loading,
    observed::Watched,
};
use crate::request;

/// What is done with each operation of a schema: it is observed, its errors have codes, its instants one form, it changes
/// only so much at once, what it reads for many it reads by itself, and what is asked of it is known to it alone. All by
/// one extension: async-graphql asks each of them about every field.
#[derive(Clone, Copy, Debug)]
pub struct Operations;

impl ExtensionFactory for Operations {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Operation::default())
    }
}

#[derive(Default)]
struct Operation {
    watched: Watched,
    coded: Coded,
}

#[async_trait::async_trait]
impl Extension for Operation {
    async fn request(&self, context: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let registry = &context.schema_env.registry;
        self.watched.request(async { self.coded.with_codes(registry, next.run(context).await) }).await
    }

    fn subscribe<'s>(
        &self,
        context: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        self.watched.stream(self.coded.stream(context, || next.run(context, stream)))
    }

    async fn prepare_request(
        &self,
        context: &ExtensionContext<'_>,
        request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        self.watched.asked(context.session_data, &request);
        let request = match context.data_opt::<Loading>() {
            Some(loading) => loading.for_this(request),
            None => request,
        };
        next.run(context, request).await
    }

    async fn parse_query(
        &self,
        context: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let document = next.run(context, query, variables).await?;
        if let Some(refusal) = too_much(&document) {
            return Err(of_the_operation(refusal));
        }
        let registry = &context.schema_env.registry;
        self.coded.parsed(query, &document, variables)?;
        self.watched.parsed(registry, &document);
        Ok(document)
    }

    async fn execute(
        &self,
        context: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        request::operation(next.run(context, operation_name)).await
    }

    async fn resolve(
        &self,
        context: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let are_instants = instants::are_of(info.return_type);
        let value = next.run(context, info).await?;
        Ok(if are_instants { value.map(instants::in_one_form) } else { value })
    }
}

fn too_much(document: &ExecutableDocument) -> Option<Refusal> {
    let mutations = document.operations.iter().map(|(_, operation)| &operation.node);
    let mutations = mutations.filter(|operation| operation.ty == OperationType::Mutation);
    let (all, costly) = mutations
        .map(|mutation| {
            let mut count = Count { document, fragments: BTreeMap::new() };
            count.fields(&mutation.selection_set.node)
        })
        .reduce(|one, other| (one.0.max(other.0), one.1.max(other.1)))?;
    let refusal =
        |message: String| Some(Refusal::bad_input("query", message).because(reasons::OPERATION_TOO_LARGE));
    if all > MOST_MUTATIONS {
        return refusal(format!(
            "must have at most {MOST_MUTATIONS} mutations in one operation; send several"
        ));
    }
    if costly > MOST_COSTLY_MUTATIONS {
        let names = COSTLY_MUTATIONS.join(", ");
        return refusal(format!(
            "must have at most {MOST_COSTLY_MUTATIONS} of {names} in one operation; send several"
        ));
    }
    None
}

/// Counts the root fields of an operation.
struct Count<'d> {
    document: &'d ExecutableDocument,
    /// What is known of fragments: each is looked into once, since nobody has checked yet that they do not lead to
    /// themselves.
    fragments: BTreeMap<&'d str, (usize, usize)>,
}

impl<'d> Count<'d> {
    /// How many fields, and how many of them are costly.
    fn fields(&mut self, set: &'d SelectionSet) -> (usize, usize) {
        set.items.iter().fold((0, 0), |(all, costly), selection| {
            let (more, more_costly) = match &selection.node {
                Selection::Field(field) => {
                    (1, usize::from(COSTLY_MUTATIONS.contains(&field.node.name.node.as_str())))
                }
                Selection::InlineFragment(fragment) => self.fields(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
            };
            (all.saturating_add(more), costly.saturating_add(more_costly))
        })
    }

    fn fragment(&mut self, name: &'d str) -> (usize, usize) {
        if let Some(known) = self.fragments.get(name) {
            return *known;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return (0, 0) };
        self.fragments.insert(name, (0, 0));
        let fields = self.fields(&fragment.node.selection_set.node);
        self.fragments.insert(name, fields);
        fields
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn refused(query: &str) -> bool {
        too_much(&parse_query(query).unwrap()).is_some()
    }

    #[test]
    fn five_mutations_pass_and_six_do_not_however_they_are_written() {
        assert!(!refused("mutation { a: f b: f c: f d: f e: f }"));
        assert!(refused("mutation { a: f b: f c: f d: f e: f g: f }"));
        assert!(refused(
            "query q { x } mutation m { a: f b: f c: f ... { d: f e: f ...g } } fragment g on M { f }"
        ));
        assert!(refused("mutation { ...a ...a } fragment a on M { ...b ...b } fragment b on M { f g }"));
        assert!(!refused("{ a: f b: f c: f d: f e: f g: f }"), "queries are limited otherwise");
    }

    #[test]
    fn of_those_that_cost_much_two_pass_and_three_do_not() {
        assert!(!refused("mutation { register { id } login { id } publishEvent { id } }"));
        assert!(refused("mutation { a: login { id } b: login { id } c: login { id } }"));
        assert!(refused(
            "mutation { holdSeats { id } pay { id } ...r } fragment r on M { refreshSession { id } }"
        ));
    }

    #[test]
    fn fragments_that_lead_to_themselves_or_double_are_counted_at_once() {
        assert!(!refused("mutation { ...a } fragment a on M { ...b } fragment b on M { ...a }"));
        let doubling: Vec<String> =
            (0..60).map(|at| format!("fragment f{at} on M {{ ...f{} ...f{} }}", at + 1, at + 1)).collect();
        let doubling = doubling.join(" ");
        assert!(refused(&format!("mutation {{ ...f0 }} {doubling} fragment f60 on M {{ f }}")));
    }
}
