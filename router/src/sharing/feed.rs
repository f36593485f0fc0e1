use std::{
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use futures::{Stream, StreamExt as _, stream};
use hive_router::{
    executor::{
        hooks::{on_graphql_analysis::OnGraphqlAnalysisHookPayload, on_supergraph_load::SupergraphSnapshot},
        plugin_context::PluginContext,
    },
    http::header::CONTENT_TYPE,
    ntex::{self, util::Bytes},
    pipeline::long_lived_client_limit::try_reserve_long_lived_client,
};
use tokio::time::timeout;

use super::{
    declared::Declared,
    fan::{Fans, Feed},
    frame::Frame,
    viewer::Viewer,
    wanted::Wanted,
};
use crate::{delivery::Piece, errors::Wording, inside::Inside, payload};

/// How long a shared stream may take to begin before it is given up, and whoever waits for it tries alone.
const LONGEST_BEGINNING: Duration = Duration::from_secs(10);

/// In the context of what is asked for those who watch together, none of whom asks for it alone.
pub(crate) struct ForOthers;

/// All shared streams of this router.
pub(crate) struct Sharing {
    declared: RwLock<Declared>,
    fans: Arc<Fans>,
    wording: Arc<Wording>,
}

impl Sharing {
    pub(crate) fn new(wording: Arc<Wording>) -> Self {
        Self { declared: RwLock::default(), fans: Arc::default(), wording }
    }

    /// From now on this is the graph.
    pub(crate) fn serve(&self, graph: &SupergraphSnapshot) {
        let declared = Declared::by(&graph.supergraph_schema);
        *self.declared.write().unwrap_or_else(PoisonError::into_inner) = declared;
    }

    /// What can be watched together with others of what this request asks for.
    pub(crate) fn wanted<'exec>(
        &self,
        request: &OnGraphqlAnalysisHookPayload<'exec>,
    ) -> Option<Wanted<'exec>> {
        let declared = self.declared.read().unwrap_or_else(PoisonError::into_inner);
        declared.is_same_for_all(request.filtered_operation_for_plan).then(|| Wanted::by(request)).flatten()
    }

    /// Joins those who watch the same. Nothing, when that is refused to the public, or there is no room: whoever asks
    /// then asks for himself.
    pub(crate) async fn watch(&self, wanted: Wanted<'_>) -> Option<Viewer> {
        let inside = wanted.inside();
        let among_clients = try_reserve_long_lived_client(inside.shared()).ok()?;
        let (seat, feed) = self.fans.join(&wanted.what()?)?;
        if let Some(feed) = feed {
            let (operation, wording) = (wanted.operation().to_owned(), self.wording.clone());
            ntex::rt::spawn(feed.follow(inside.clone(), operation, wording));
        }
        // An answer that is there at once would never be told that its client has hung up: ntex looks for that while it
        // waits for an answer, and not while it waits for more of one (`http/h1/dispatcher.rs`, `SendPayload`).
        tokio::task::yield_now().await;
        let mut viewer = Viewer::new(seat, wanted.field(), inside.clone(), among_clients);
        viewer.is_let_in().await.then_some(viewer)
    }
}

impl Feed {
    /// Asks for the stream, and hands on what comes of it for as long as somebody watches.
    async fn follow(self, inside: Inside, operation: String, wording: Arc<Wording>) {
        let begins = async {
            let mut results = results(&inside, operation).await?;
            Some((results.next().await?, results))
        };
        let begun = tokio::select! {
            () = self.stopped() => return,
            begun = timeout(LONGEST_BEGINNING, begins) => begun,
        };
        // Where it is refused, whoever waits for it hears why when he asks for himself.
        let Ok(Some((mut result, mut results))) = begun else { return };
        while self.tell(Frame::new(payload::reworded(result, &wording))) {
            result = tokio::select! {
                () = self.stopped() => return,
                next = results.next() => match next {
                    Some(next) => next,
                    None => return,
                },
            };
        }
    }
}

/// What comes of an operation that has a stream: asked for with nobody's headers, and with nothing in its context by
/// which it could join itself.
async fn results(inside: &Inside, operation: String) -> Option<Pin<Box<dyn Stream<Item = Bytes>>>> {
    let context = Arc::new(PluginContext::default());
    context.insert(ForOthers);
    let mut response = inside.ask(&[], context, operation).await;
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("text/event-stream")) {
        return None;
    }
    let body = response.take_body();
    Some(Box::pin(stream::unfold(body, async |mut body| {
        loop {
            match Piece::read(&body.next().await?.ok()?) {
                Piece::Next(result) => return Some((result, body)),
                Piece::Complete => return None,
                Piece::Beat => {}
            }
        }
    })))
}
