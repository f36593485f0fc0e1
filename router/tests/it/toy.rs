//! Two small subgraphs under real names, since router.yaml says by name who has subscriptions.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_graphql::{
    Context, EmptyMutation, EmptySubscription, Enum, Error, ErrorExtensions as _, ID, InputObject, Object,
    PathSegment, SDLExportOptions, Schema, SchemaBuilder, SimpleObject, Subscription, Value,
};
use async_graphql_axum::{GraphQLProtocol, GraphQLRequest, GraphQLResponse, GraphQLWebSocket};
use axum::{
    Router,
    extract::{State, WebSocketUpgrade},
    http::HeaderMap,
    response::Response,
    routing::{get, post},
    serve::ListenerExt as _,
};
use futures::{Stream, StreamExt as _};
use tokio::{
    net::TcpListener,
    runtime::Runtime,
    sync::{Notify, broadcast, oneshot},
};
use tokio_stream::wrappers::BroadcastStream;

/// The subgraphs, and the strings by which a test pulls them.
pub(crate) struct Toys {
    pub(crate) events: String,
    pub(crate) tickets: String,
    pub(crate) strings: Strings,
    /// Of their own, so that dropping the toys is like killing their processes.
    runtime: Option<Runtime>,
}

impl Drop for Toys {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[derive(Clone)]
pub(crate) struct Strings {
    /// Sends a version to every subscriber of `seatMapChanged`.
    pub(crate) changes: broadcast::Sender<i32>,
    /// Told when somebody has begun to wait in `slow`.
    pub(crate) slow_begun: Arc<Notify>,
    /// How often somebody has.
    pub(crate) slow_asked: Arc<AtomicUsize>,
    /// Lets `slow` answer.
    pub(crate) slow_may_end: Arc<Notify>,
    /// How often `rename` was carried out.
    pub(crate) renamed: Arc<AtomicUsize>,
    /// Sends a version to every subscriber of `glances`; one below zero ends them all.
    pub(crate) glances: broadcast::Sender<i32>,
    /// The version of what they see.
    pub(crate) glanced_at: Arc<AtomicI32>,
    /// How often somebody has begun to watch them.
    pub(crate) glances_begun: Arc<AtomicUsize>,
}

impl Strings {
    /// What everybody sees changes, and now has this version.
    pub(crate) fn glance(&self, version: i32) {
        self.glanced_at.store(version, Ordering::SeqCst);
        self.glances.send(version).ok();
    }

    /// Until so many watch `glances`.
    pub(crate) async fn watchers(&self, exactly: usize) {
        while self.glances.receiver_count() != exactly {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Until somebody listens to the changes; a test's time limit ends the waiting.
    pub(crate) async fn subscribers(&self, at_least: usize) {
        while self.changes.receiver_count() < at_least {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Until nobody does any more.
    pub(crate) async fn no_subscribers(&self) {
        while self.changes.receiver_count() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Toys {
    pub(crate) async fn start() -> Self {
        let strings = Strings {
            changes: broadcast::channel(64).0,
            slow_begun: Arc::default(),
            slow_asked: Arc::default(),
            slow_may_end: Arc::default(),
            renamed: Arc::default(),
            glances: broadcast::channel(1024).0,
            glanced_at: Arc::default(),
            glances_begun: Arc::default(),
        };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let events = serve(events_schema().data(strings.clone()).finish(), &runtime).await;
        let tickets = serve(tickets_schema().data(strings.clone()).finish(), &runtime).await;
        Self { events, tickets, strings, runtime: Some(runtime) }
    }
}

pub(crate) fn events_sdl() -> String {
    events_schema().finish().sdl_with_options(SDLExportOptions::new().federation().compose_directive())
}

pub(crate) fn tickets_sdl() -> String {
    tickets_schema().finish().sdl_with_options(SDLExportOptions::new().federation().compose_directive())
}

fn events_schema() -> SchemaBuilder<EventsQuery, EmptyMutation, EmptySubscription> {
    Schema::build(EventsQuery, EmptyMutation, EmptySubscription).enable_federation()
}

fn tickets_schema() -> SchemaBuilder<TicketsQuery, TicketsMutation, TicketsSubscription> {
    Schema::build(TicketsQuery, TicketsMutation, TicketsSubscription)
        .enable_federation()
        .enable_subscription_in_federation()
}

/// What the subgraph saw of the client.
#[derive(Clone, Default, SimpleObject)]
#[graphql(shareable)]
struct Caller {
    authorization: Option<String>,
    request_id: Option<String>,
    cookie: Option<String>,
    client_address: Option<String>,
}

struct EventsQuery;

#[Object(name = "Query")]
impl EventsQuery {
    async fn event(&self, id: ID) -> Event {
        Event { id }
    }
    async fn caller(&self, context: &Context<'_>, access_code: Option<String>) -> Caller {
        // By its name alone it is what services count wrong guesses of.
        let _ = access_code;
        context.data_unchecked::<Caller>().clone()
    }
    async fn slow(&self, context: &Context<'_>) -> bool {
        let strings = context.data_unchecked::<Strings>();
        strings.slow_asked.fetch_add(1, Ordering::Relaxed);
        strings.slow_begun.notify_one();
        strings.slow_may_end.notified().await;
        true
    }
    #[graphql(entity)]
    async fn event_by_id(&self, id: ID) -> Event {
        Event { id }
    }
}

struct Event {
    id: ID,
}

#[Object]
impl Event {
    async fn id(&self) -> &ID {
        &self.id
    }
    async fn title(&self) -> String {
        format!("Concert {}", self.id.as_str())
    }
    async fn related(&self) -> Vec<Event> {
        vec![Event { id: "2".into() }]
    }
    async fn neighbours(&self) -> Vec<Event> {
        ["2", "3"].map(|id| Event { id: id.into() }).into()
    }
    /// Fails as a subgraph's own fault does that nobody has given a code.
    async fn careless(&self) -> Result<Option<String>, Error> {
        Err(Error::new("connection to 10.0.0.7:5432 refused"))
    }
}

#[derive(SimpleObject)]
#[graphql(name = "Event", complex)]
struct EventOfTickets {
    id: ID,
}

#[async_graphql::ComplexObject]
impl EventOfTickets {
    async fn available(&self) -> Option<i32> {
        Some(42)
    }
    async fn capacity(&self) -> i32 {
        100
    }
    /// Refused for the third event.
    async fn visitors(&self) -> Result<Option<i32>, Error> {
        if self.id.as_str() == "3" {
            return Err(Error::new("Nobody counts there.")
                .extend_with(|_, extensions| extensions.set("code", "CONFLICT")));
        }
        Ok(Some(7))
    }
}

struct TicketsQuery;

#[Object(name = "Query")]
impl TicketsQuery {
    async fn ticket_name(&self, id: ID) -> Option<String> {
        Some(format!("Ticket {}", id.as_str()))
    }
    async fn rows(&self, area: Area, count: i32) -> Vec<i32> {
        (1..=count).filter(|row| area == Area::Floor || *row > 1).collect()
    }
    #[graphql(entity)]
    async fn event_by_id(&self, id: ID) -> Result<EventOfTickets, Error> {
        if id.as_str() == "unknown" {
            return Err(Error::new("Nothing is sold for it.")
                .extend_with(|_, extensions| extensions.set("code", "NOT_FOUND")));
        }
        Ok(EventOfTickets { id })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Area {
    Floor,
    Balcony,
}

#[derive(InputObject)]
struct WishInput {
    event_id: ID,
    area: Option<Area>,
}

struct TicketsMutation;

#[Object(name = "Mutation")]
impl TicketsMutation {
    async fn hold_seats(&self, seat_ids: Vec<ID>) -> Result<Option<bool>, Error> {
        Err(Error::new("These seats are taken. Choose others.").extend_with(|_, extensions| {
            extensions.set("code", "SEATS_UNAVAILABLE");
            extensions.set("seatIds", seat_ids.iter().map(|id| id.to_string()).collect::<Vec<_>>());
        }))
    }
    async fn login(&self) -> bool {
        true
    }
    async fn wish(&self, input: WishInput) -> Option<String> {
        let area = input.area.unwrap_or(Area::Floor);
        Some(format!("{} {}", input.event_id.as_str(), if area == Area::Floor { "below" } else { "above" }))
    }
    async fn rename(&self, context: &Context<'_>, name: String) -> String {
        context.data_unchecked::<Strings>().renamed.fetch_add(1, Ordering::SeqCst);
        name
    }
    async fn mutating_caller(&self, context: &Context<'_>) -> Caller {
        context.data_unchecked::<Caller>().clone()
    }
}

#[derive(SimpleObject)]
struct Change {
    version: i32,
    event: EventOfTickets,
    authorization: Option<String>,
}

/// Told to be the same for everybody; what the service saw of the caller is here to show who asked for it.
#[derive(SimpleObject)]
#[graphql(tag = "same-for-all")]
struct Glance {
    #[graphql(tag = "position")]
    previous: i32,
    #[graphql(tag = "position")]
    version: i32,
    authorization: Option<String>,
    padding: String,
    event: EventOfTickets,
}

struct TicketsSubscription;

#[Subscription(name = "Subscription")]
impl TicketsSubscription {
    async fn seat_map_changed(&self, context: &Context<'_>, event_id: ID) -> impl Stream<Item = Change> {
        let changes = context.data_unchecked::<Strings>().changes.subscribe();
        let authorization = context.data_opt::<Caller>().and_then(|caller| caller.authorization.clone());
        BroadcastStream::new(changes).filter_map(move |version| {
            let (event_id, authorization) = (event_id.clone(), authorization.clone());
            async move {
                Some(Change { version: version.ok()?, event: EventOfTickets { id: event_id }, authorization })
            }
        })
    }
    /// A first frame that tells how things stand, then one for each change. A draft is for those who have a token.
    async fn glances(
        &self,
        context: &Context<'_>,
        event_id: ID,
        #[graphql(default)] padding: u32,
    ) -> Result<impl Stream<Item = Glance>, Error> {
        let strings = context.data_unchecked::<Strings>();
        let authorization = context.data_opt::<Caller>().and_then(|caller| caller.authorization.clone());
        if event_id.as_str() == "draft" && authorization.is_none() {
            return Err(Error::new("There is no such event.")
                .extend_with(|_, extensions| extensions.set("code", "NOT_FOUND")));
        }
        strings.glances_begun.fetch_add(1, Ordering::SeqCst);
        let changes = BroadcastStream::new(strings.glances.subscribe());
        let now = strings.glanced_at.load(Ordering::SeqCst);
        let changes = changes.filter_map(async |version| version.ok());
        let changes = changes.take_while(|version| std::future::ready(*version >= 0));
        let frames = futures::stream::once(std::future::ready((now, now)))
            .chain(changes.map(|version| (version - 1, version)));
        Ok(frames.map(move |(previous, version)| Glance {
            previous,
            version,
            authorization: authorization.clone(),
            padding: "x".repeat(padding as usize),
            event: EventOfTickets { id: event_id.clone() },
        }))
    }
    async fn countdown(&self, from: i32) -> impl Stream<Item = i32> {
        futures::stream::iter((1..=from).rev())
    }
    /// Fails as a fault does that nobody has given a code.
    async fn broken(&self) -> Result<futures::stream::Pending<i32>, Error> {
        Err(Error::new("pool at 10.0.0.7:5432 timed out"))
    }
    async fn for_members_only(&self) -> Result<futures::stream::Pending<i32>, Error> {
        Err(Error::new("Log in to see this.")
            .extend_with(|_, extensions| extensions.set("code", "UNAUTHENTICATED")))
    }
}

async fn serve<Q, M, S>(schema: Schema<Q, M, S>, runtime: &Runtime) -> String
where
    Q: async_graphql::ObjectType + 'static,
    M: async_graphql::ObjectType + 'static,
    S: async_graphql::SubscriptionType + 'static,
{
    let app = Router::new()
        .route("/graphql", post(answer::<Q, M, S>))
        .route("/ws", get(stream::<Q, M, S>))
        .with_state(schema);
    let (bound, address) = oneshot::channel();
    runtime.spawn(async move {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        bound.send(listener.local_addr().unwrap()).unwrap();
        let listener = listener.tap_io(|client| drop(client.set_nodelay(true)));
        axum::serve(listener, app).await.unwrap();
    });
    format!("http://{}", address.await.unwrap())
}

async fn answer<Q, M, S>(
    State(schema): State<Schema<Q, M, S>>,
    headers: HeaderMap,
    request: GraphQLRequest,
) -> GraphQLResponse
where
    Q: async_graphql::ObjectType + 'static,
    M: async_graphql::ObjectType + 'static,
    S: async_graphql::SubscriptionType + 'static,
{
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let caller = Caller {
        authorization: header("authorization"),
        request_id: header("x-request-id"),
        cookie: header("cookie"),
        client_address: header("x-client-address"),
    };
    let mut answer = schema.execute(request.into_inner().data(caller)).await;
    place(&mut answer);
    answer.into()
}

/// As services do: says which of the things that the router asked for an error is about, and where in an input.
fn place(answer: &mut async_graphql::Response) {
    for error in &mut answer.errors {
        if let ["Invalid value for argument ", argument, ", unknown field " | ", field ", field, ..] =
            error.message.split('"').collect::<Vec<_>>().as_slice()
        {
            let extensions = error.extensions.get_or_insert_default();
            extensions.set("code", "BAD_USER_INPUT");
            extensions.set("path", vec![(*argument).to_owned(), (*field).to_owned()]);
        }
    }
    let Value::Object(data) = &answer.data else { return };
    for error in &mut answer.errors {
        if let [PathSegment::Field(root), PathSegment::Field(name)] = error.path.as_slice()
            && let Some(Value::List(entities)) = data.get(root.as_str())
            && let Some(place) = entities.iter().position(|entity| match entity {
                // async-graphql leaves out what failed, and what has nothing else.
                Value::Object(fields) => fields.get(name.as_str()).is_none_or(|it| *it == Value::Null),
                _ => true,
            })
        {
            error.path.insert(1, PathSegment::Index(place));
        }
    }
}

async fn stream<Q, M, S>(
    State(schema): State<Schema<Q, M, S>>,
    protocol: GraphQLProtocol,
    upgrade: WebSocketUpgrade,
) -> Response
where
    Q: async_graphql::ObjectType + 'static,
    M: async_graphql::ObjectType + 'static,
    S: async_graphql::SubscriptionType + 'static,
{
    upgrade.protocols(["graphql-transport-ws"]).on_upgrade(move |socket| {
        GraphQLWebSocket::new(socket, schema, protocol)
            .on_connection_init(async |payload| {
                let mut data = async_graphql::Data::default();
                data.insert(Caller {
                    authorization: payload["authorization"].as_str().map(str::to_owned),
                    ..Caller::default()
                });
                Ok(data)
            })
            .serve()
    })
}
