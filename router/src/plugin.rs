use std::{
    error::Error,
    sync::{Arc, RwLock},
};

use hive_router::{
    RouterSharedState, SchemaState, async_trait,
    executor::{
        execution::plan::PlanExecutionOutput,
        introspection::schema::SchemaMetadata,
        plugins::{
            hooks::{
                on_execute::{OnExecuteStartHookPayload, OnExecuteStartHookResult},
                on_graphql_analysis::{OnGraphqlAnalysisHookPayload, OnGraphqlAnalysisHookResult},
                on_graphql_error::{OnGraphQLErrorHookPayload, OnGraphQLErrorHookResult},
                on_graphql_params::{OnGraphQLParamsStartHookPayload, OnGraphQLParamsStartHookResult},
                on_graphql_parse::{OnGraphQLParseHookResult, OnGraphQLParseStartHookPayload},
                on_http_request::{OnHttpRequestHookFuture, OnHttpRequestHookPayload},
                on_plugin_init::{OnPluginInitPayload, OnPluginInitResult},
                on_subgraph_execute::{OnSubgraphExecuteStartHookPayload, OnSubgraphExecuteStartHookResult},
                on_subgraph_http_request::{
                    OnSubgraphHttpRequestHookPayload, OnSubgraphHttpRequestHookResult,
                },
                on_supergraph_load::{OnSupergraphLoadStartHookPayload, OnSupergraphLoadStartHookResult},
            },
            plugin_trait::{EndHookPayload as _, RouterPlugin, StartHookPayload as _},
        },
    },
    http::{HeaderValue, StatusCode, header::AUTHORIZATION},
    ntex::web::{DefaultError, WebRequest},
    telemetry::logging::request_id::REQUEST_IDENTIFIERS,
};
use ipnet::IpNet;
use serde::Deserialize;

use crate::{
    bodies::{announced_body, announced_part, drain},
    browser::{self, Browser},
    buying::Buying,
    client_address::{CLIENT_ADDRESS, ClientAddress},
    cors::Origins,
    cost::{Costs, Sent},
    delivery::Delivery,
    deprecated::Deprecations,
    detours::is_detour,
    errors::Wording,
    guarded::Breakers,
    inside::{Inside, Unbegun},
    live::Live,
    nesting::{self, Nesting},
    operation_rules,
    outgoing::{self, Outgoing, REQUEST_ID},
    problem, proxy,
    sharing::{Asked, ForOthers, Place, Sharing},
    trusted,
    unanswered::Carried,
    variables, websocket,
};

/// Under which router.yaml's `plugins` knows it.
pub(crate) const NAME: &str = "odysseus";

/// An argument by which secrets are guessed. Services count wrong ones by client, so that a query with it has its
/// client's address, at the price of not being shared.
const GUESSED: &[u8] = b"accessCode";

/// What hive-router does not do by itself: the API's error codes, who asks, and some rules.
pub(crate) struct Odysseus {
    wording: Arc<Wording>,
    largest_body: u64,
    graphql_path: String,
    trusted_proxies: Vec<IpNet>,
    origins: Origins,
    breakers: Breakers,
    costs: Costs,
    deprecations: Deprecations,
    sharing: Sharing,
    buying: Buying,
    /// What is known of the graph that is served.
    graph: RwLock<Arc<SchemaMetadata>>,
}

#[derive(Deserialize)]
pub(crate) struct OdysseusConfig {
    trusted_proxies: Vec<String>,
    origins: Vec<String>,
}

#[async_trait]
impl RouterPlugin for Odysseus {
    type Config = OdysseusConfig;

    fn plugin_name() -> &'static str {
        NAME
    }

    fn on_plugin_init(payload: OnPluginInitPayload<'_, Self>) -> OnPluginInitResult<Self> {
        let config = payload.router_config();
        let wording = Arc::new(Wording::new(config));
        let costs = Costs::new(config);
        let largest_body = config.limits.max_request_body_size.to_bytes();
        let graphql_path = config.graphql_path().to_owned();
        let OdysseusConfig { trusted_proxies, origins } = payload.config()?;
        let trusted_proxies: Result<Vec<_>, _> =
            trusted_proxies.iter().map(|network| network.parse::<IpNet>()).collect();
        let trusted_proxies = trusted_proxies.map_err(Box::<dyn Error>::from)?;
        payload.initialize_plugin(Self {
            sharing: Sharing::new(wording.clone()),
            wording,
            largest_body,
            graphql_path,
            trusted_proxies,
            origins: Origins::new(origins),
            breakers: Breakers::default(),
            costs,
            deprecations: Deprecations::default(),
            buying: Buying::here(),
            graph: RwLock::default(),
        })
    }

    fn on_supergraph_reload(
        &self,
        load: OnSupergraphLoadStartHookPayload,
    ) -> OnSupergraphLoadStartHookResult<'_> {
        load.on_end(|loaded| {
            let graph = loaded.new_supergraph.snapshot();
            self.sharing.serve(&graph);
            self.deprecations.serve(&graph.supergraph_schema);
            *self.graph.write().expect("nobody panics while holding it") = graph.metadata.clone();
            self.costs.serve(graph);
            loaded.proceed()
        })
    }

    /// What concerns every request, whoever answers it: refuses paths that can be read in two ways, says whose it is,
    /// and lets other origins ask. Of those to the graph it chooses the answer's form.
    ///
    /// Lets clients finish what is too large, so that they read why it is refused: they would not while they write.
    /// The rest is done to the answer (`outgoing.rs`).
    fn on_http_request<'req>(
        &'req self,
        mut payload: OnHttpRequestHookPayload<'req>,
    ) -> OnHttpRequestHookFuture<'req> {
        Box::pin(async move {
            let request = &mut payload.router_http_request;
            if is_detour(request.path()) {
                let refusal = problem::bad_path(
                    "This path has dot segments, backslashes or escaped slashes. Send it without.",
                );
                return payload.end_with_response(refusal);
            }
            let cors = self.origins.look(request, &self.graphql_path);
            if let Some(answer) = cors.as_ref().and_then(|allowed| allowed.preflight(request)) {
                return payload.end_with_response(answer);
            }
            let address = ClientAddress::of(request.peer_addr(), request.headers(), &self.trusted_proxies);
            request.headers_mut().remove(CLIENT_ADDRESS);
            if let Some(address) = address {
                request.headers_mut().insert(CLIENT_ADDRESS, address.0.clone().into());
                payload.context.insert(address);
            }
            let is_socket = websocket::is_upgrade(request.head());
            if request.head().upgrade() && !is_socket {
                // To another protocol, such as h2c, which nobody here speaks: it is answered as it stands. Whatever
                // follows it would be taken for its body, until the client hangs up.
                let body = announced_part(request, self.largest_body).await;
                request.set_payload(body);
            }
            let is_of_graph = request.path() == self.graphql_path;
            let largest = if is_of_graph { self.largest_body } else { proxy::largest(request.path()) };
            if announced_body(request.headers()) > largest {
                drain(request).await;
            }
            let asks_graph = is_of_graph && !is_socket;
            let inside = inside(request);
            if asks_graph && inside.as_ref().is_none_or(|inside| !inside.is_ready()) {
                // The library would refuse it as well, and log that as a fault of ours.
                return payload.end_with_response(outgoing::starting(cors, request_id()));
            }
            if asks_graph {
                payload.context.insert(Browser::of(request.headers()));
            }
            let delivery = asks_graph.then(|| Delivery::asked(request)).flatten();
            let live = request.app_state::<Live>().cloned().unwrap_or_default();
            let outgoing = Outgoing { delivery, live, cors, id: request_id() };
            if let Some(inside) = inside.filter(|_| delivery.is_some()) {
                payload.context.insert(inside);
            }
            let context = payload.context;
            payload.on_end(move |mut answer| {
                answer.response = outgoing.dress(answer.response, context, &self.wording);
                answer.proceed()
            })
        })
    }

    /// What is nested too deeply must not be read. What is only a document's hash is told apart from what is nothing.
    async fn on_graphql_params<'exec>(
        &'exec self,
        request: OnGraphQLParamsStartHookPayload<'exec>,
    ) -> OnGraphQLParamsStartHookResult<'exec> {
        let may_be_read = Nesting::of(&request.body)
            && request.router_http_request.uri.query().is_none_or(nesting::query_may_be_read);
        if !may_be_read {
            let refusal = Wording::nested_too_deeply();
            return request.end_with_graphql_error(refusal, StatusCode::BAD_REQUEST);
        }
        let context = request.context;
        trusted::note(context, &request.body, request.router_http_request.uri.query());
        request.on_end(move |read| {
            context.insert(Sent::by(&read.graphql_params));
            if let Some(asked) = Asked::by(&read.graphql_params) {
                context.insert(Arc::new(asked));
            }
            let extensions = read.graphql_params.extensions.as_ref();
            let is_hash = extensions.is_some_and(|extensions| extensions.contains_key("persistedQuery"));
            if is_hash && read.graphql_params.query.as_ref().is_none_or(String::is_empty) {
                read.end_with_response(trusted::send_the_text())
            } else {
                read.proceed()
            }
        })
    }

    async fn on_graphql_parse<'exec>(
        &'exec self,
        request: OnGraphQLParseStartHookPayload<'exec>,
    ) -> OnGraphQLParseHookResult<'exec> {
        let (http, params) = (request.router_http_request, request.graphql_params);
        let context = request.context;
        request.on_end(move |parsed| {
            variables::note(context, &self.graph(), &parsed.document, params);
            let refusal =
                operation_rules::unnamed_operation(&parsed.document, params.operation_name.as_deref());
            match refusal {
                Some(refusal) => parsed.end_with_response(operation_rules::refused(http, refusal)),
                None => parsed.proceed(),
            }
        })
    }

    async fn on_graphql_analysis<'exec>(
        &'exec self,
        request: &mut OnGraphqlAnalysisHookPayload<'exec>,
    ) -> OnGraphqlAnalysisHookResult {
        let operation = request.filtered_operation_for_plan;
        let cost = request.context.get_ref::<Sent>().and_then(|sent| self.costs.of(operation, &sent));
        if let Some(cost) = cost {
            request.context.insert(cost);
        }
        let mutations = operation_rules::mutations(operation);
        let refusal = operation_rules::too_many_mutations(&mutations)
            .or_else(|| cost.filter(|cost| cost.is_too_high()).map(operation_rules::too_costly));
        if let Some(refusal) = refusal {
            return OnGraphqlAnalysisHookResult::EndWithResponse(operation_rules::refused_by_plan(
                request.router_http_request,
                refusal,
            ));
        }
        // The stream that many watch was counted with each of them.
        if !request.context.contains::<ForOthers>() {
            self.deprecations.note(operation, request.router_http_request.headers);
        }
        if let Some(turn) = self.buying.turn(&mutations).await {
            request.context.insert(turn);
        }
        let viewer = match self.sharing.wanted(request) {
            Some(wanted) => self.sharing.watch(wanted).await,
            None => None,
        };
        match viewer {
            // What stands here instead of an answer nobody sees: whoever answers finds the viewer.
            Some(viewer) => {
                request.context.insert(Place::of(viewer));
                let body = b"{}".to_vec();
                let nothing = PlanExecutionOutput { body, error_count: 0, status_code: StatusCode::OK };
                OnGraphqlAnalysisHookResult::EndWithResponse(nothing)
            }
            None => OnGraphqlAnalysisHookResult::Proceed,
        }
    }

    /// Gives the errors of requests to services places in the answer.
    async fn on_execute<'exec>(
        &'exec self,
        request: OnExecuteStartHookPayload<'exec>,
    ) -> OnExecuteStartHookResult<'exec> {
        let (plan, asked) = (request.query_plan, request.operation_for_plan);
        request.on_end(move |mut answer| {
            if !answer.errors.is_empty() {
                let carried = Carried { plan, asked, graph: &self.graph() };
                answer.errors =
                    carried.place(&mut answer.data, std::mem::take(&mut answer.errors), &self.wording);
            }
            answer.proceed()
        })
    }

    async fn on_subgraph_execute<'exec>(
        &'exec self,
        mut request: OnSubgraphExecuteStartHookPayload<'exec>,
    ) -> OnSubgraphExecuteStartHookResult<'exec> {
        request.executor = self.breakers.guard(request.subgraph_name, request.executor);
        request.proceed()
    }

    /// Gives each mutation its request's id, and says whose it is. A query has an id only where the client sent it
    /// (router.yaml propagates it): one of our own would make each query unlike all others, and equal ones in flight
    /// would not be shared. For the same reason an anonymous query does not say whose it is, unless it guesses. Mutations of
    /// people say also what their browser keeps.
    async fn on_subgraph_http_request<'exec>(
        &'exec self,
        mut request: OnSubgraphHttpRequestHookPayload<'exec>,
    ) -> OnSubgraphHttpRequestHookResult<'exec> {
        let is_shared = request.execution_request.dedupe
            && !request.execution_request.headers.contains_key(AUTHORIZATION)
            && !request.body.windows(GUESSED.len()).any(|word| word == GUESSED);
        if !is_shared && let Some(address) = request.context.get_ref::<ClientAddress>() {
            request.execution_request.headers.insert(CLIENT_ADDRESS, address.0.clone());
        }
        if !request.execution_request.dedupe
            && let Some(id) = request_id()
        {
            request.execution_request.headers.insert(REQUEST_ID, id);
        }
        if !request.execution_request.dedupe
            && request.subgraph_name == browser::SERVICE
            && let Some(browser) = request.context.get_ref::<Browser>()
        {
            browser.tell(&mut request.execution_request.headers);
        }
        request.proceed()
    }

    fn on_graphql_error<'req>(
        &'req self,
        mut failed: OnGraphQLErrorHookPayload<'req>,
    ) -> OnGraphQLErrorHookResult<'req> {
        Unbegun::note(failed.context, failed.error.extensions.code.as_deref());
        failed.error = trusted::about_unknown(&failed.error, failed.context)
            .or_else(|| variables::about_wrong(&failed.error, failed.context))
            .unwrap_or_else(|| self.wording.public(failed.error, failed.status_code));
        failed.proceed()
    }
}

impl Odysseus {
    fn graph(&self) -> Arc<SchemaMetadata> {
        self.graph.read().expect("nobody panics while holding it").clone()
    }
}

/// The way to the graph from within, for what this request asks.
fn inside(request: &WebRequest<DefaultError>) -> Option<Inside> {
    let schema = request.app_state::<Arc<SchemaState>>()?;
    let shared = request.app_state::<Arc<RouterSharedState>>()?;
    Some(Inside::new(request.path(), schema, shared))
}

fn request_id() -> Option<HeaderValue> {
    REQUEST_IDENTIFIERS.try_with(|ids| HeaderValue::from_str(ids.req_id()).ok()).ok().flatten()
}
