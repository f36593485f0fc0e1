//! What resolvers read in batches.

use std::time::Duration;

use async_graphql::{Request, dataloader::DataLoader};

use crate::request;

/// Makes loaders for one operation: for the schema's data. What its resolvers find in their context is a [`DataLoader`].
pub struct Loading(Box<dyn Fn(Request) -> Request + Send + Sync>);

/// What resolvers read in batches, for the operation that they answer: all that it asks for before it has to wait is read
/// at once, however long going through a list takes.
///
/// Each operation has loaders of its own. What one of them has collected is read by whoever asked for it first; if others
/// waited for the same, they would wait for ever once that one has hung up.
pub fn loader<T: Clone + Send + Sync + 'static>(loaders: T) -> Loading {
    Loading(Box::new(move |request| {
        let of_its_own = DataLoader::new(loaders.clone(), request::spawn_gathered).delay(Duration::ZERO);
        request.data(of_its_own)
    }))
}

impl Loading {
    /// The operation, with loaders of its own.
    pub(super) fn for_this(&self, request: Request) -> Request {
        (self.0)(request)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::Arc};

    use async_graphql::{
        Context, EmptyMutation, EmptySubscription, Error, Object, Result, Schema, dataloader::Loader,
    };
    use tokio::{sync::Notify, time::timeout};

    use super::*;
    use crate::graphql::limited;

    /// Lengths of words are there at once, numbers when they are let through.
    #[derive(Clone, Default)]
    struct Lengths {
        begun: Arc<Notify>,
        let_through: Arc<Notify>,
        collected: Arc<Notify>,
    }

    impl Loader<u32> for Lengths {
        type Value = u32;
        type Error = Error;

        async fn load(&self, numbers: &[u32]) -> Result<HashMap<u32, u32>> {
            self.begun.notify_one();
            self.let_through.notified().await;
            Ok(numbers.iter().map(|number| (*number, *number)).collect())
        }
    }

    impl Loader<String> for Lengths {
        type Value = usize;
        type Error = Error;

        async fn load(&self, words: &[String]) -> Result<HashMap<String, usize>> {
            Ok(words.iter().map(|word| (word.clone(), word.len())).collect())
        }
    }

    struct Query;

    #[Object]
    impl Query {
        async fn number(&self, context: &Context<'_>, number: u32) -> Result<Option<u32>> {
            context.data::<DataLoader<Lengths>>()?.load_one(number).await
        }

        async fn length(&self, context: &Context<'_>, of: String) -> Result<Option<usize>> {
            context.data::<DataLoader<Lengths>>()?.load_one(of).await
        }

        /// The same, asked for while numbers are being read.
        async fn length_later(&self, context: &Context<'_>, of: String) -> Result<Option<usize>> {
            let lengths = context.data::<Lengths>()?;
            lengths.begun.notified().await;
            let loader = context.data::<DataLoader<Lengths>>()?;
            let collected = async { lengths.collected.notify_one() };
            tokio::join!(biased; loader.load_one(of), collected).0
        }
    }

    fn schema() -> (Schema<Query, EmptyMutation, EmptySubscription>, Lengths) {
        let lengths = Lengths::default();
        let builder = limited(Schema::build(Query, EmptyMutation, EmptySubscription));
        (builder.data(loader(lengths.clone())).data(lengths.clone()).finish(), lengths)
    }

    #[tokio::test]
    async fn who_hangs_up_keeps_nobody_from_what_they_have_asked_for_too() {
        let (schema, lengths) = schema();
        let asked = tokio::spawn({
            let schema = schema.clone();
            async move { schema.execute(r#"{ number(number: 1) lengthLater(of: "one") }"#).await }
        });
        lengths.collected.notified().await;
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled(), "it hangs up while something waits to be read");
        let other = timeout(Duration::from_secs(10), schema.execute(r#"{ length(of: "three") }"#)).await;
        assert_eq!(other.expect("nobody waits for who has gone").data.to_string(), "{length: 5}");
    }
}
