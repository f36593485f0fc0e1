//! Reading for many events at once, so that a list costs as many queries as one of its items.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use kernel::{EventId, Refusal, Viewer};
use service::graphql::IntoGraph;

use crate::domain::{
    Analytics,
    entities::{EventCopy, Report, SalesPoint},
    use_cases::ReadTimeline,
};

/// What resolvers read in batches.
#[derive(Clone)]
pub struct Loaders(pub Analytics);

/// What one of many gets: a refusal is its own alone.
type Answer<T> = Result<Arc<T>, Refusal>;

impl Loader<(EventId, Viewer)> for Loaders {
    type Value = Answer<Report>;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[(EventId, Viewer)],
    ) -> Result<HashMap<(EventId, Viewer), Answer<Report>>, Self::Error> {
        let answers = self.0.read_sales_of(keys).await.graph()?;
        Ok(answers.into_iter().map(|(key, report)| (key, report.map(Arc::new))).collect())
    }
}

/// The timeline of an event whose report was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimelineOf(pub EventCopy, pub ReadTimeline);

impl Loader<TimelineOf> for Loaders {
    type Value = Answer<Vec<SalesPoint>>;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[TimelineOf],
    ) -> Result<HashMap<TimelineOf, Answer<Vec<SalesPoint>>>, Self::Error> {
        let asked: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let timelines = self.0.read_timelines(&asked).await.graph()?;
        Ok(keys.iter().copied().zip(timelines.into_iter().map(|points| points.map(Arc::new))).collect())
    }
}
