use async_graphql::dataloader::DataLoader;
use futures::future::BoxFuture;
use tokio::task::yield_now;

use crate::request;

/// How often those who are being answered get a turn before keys are gathered for a millisecond: a program that is not
/// optimised takes longer than that to go through a long list.
const TURNS: usize = if cfg!(debug_assertions) { 256 } else { 0 };

/// What resolvers read in batches, for the request that they answer.
pub fn loader<T: Send + Sync + 'static>(loaders: T) -> DataLoader<T> {
    DataLoader::new(loaders, |load| request::spawn(gathering(load)))
}

async fn gathering(load: BoxFuture<'static, ()>) {
    for _ in 0..TURNS {
        yield_now().await;
    }
    load.await;
}
