use std::time::Duration;

use async_graphql::dataloader::DataLoader;

use crate::request;

/// What resolvers read in batches, for the request that they answer: all that it asks for before it has to wait is read
/// at once, however long going through a list takes.
pub fn loader<T: Send + Sync + 'static>(loaders: T) -> DataLoader<T> {
    DataLoader::new(loaders, request::spawn_gathered).delay(Duration::ZERO)
}
