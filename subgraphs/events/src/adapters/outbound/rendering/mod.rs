//! Makes the files of pictures: one picture at a time, on a thread that nobody else waits for.

mod encoding;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kernel::{Fault, Refusal, Result, reasons};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::{
    entities::image::UploadType,
    ports::{Renderer, Rendering},
};

/// How many pictures wait while one is rendered. Each may take hundreds of megabytes.
const WAITING: usize = 2;
/// How long a picture waits for its turn.
const PATIENCE: Duration = Duration::from_secs(12);

/// Renders one picture after another.
pub struct Darkroom {
    turn: Arc<Semaphore>,
    /// The one that has a turn, and those that wait for it.
    queue: Arc<Semaphore>,
}

impl Default for Darkroom {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), queue: Arc::new(Semaphore::new(1 + WAITING)) }
    }
}

/// The one who renders, and its place in the queue.
type Turn = (OwnedSemaphorePermit, OwnedSemaphorePermit);

impl Darkroom {
    /// The turn goes with the work, which goes on when whoever asked has left. Whoever would wait too long is told at once.
    async fn turn(&self) -> Result<Turn> {
        let Ok(place) = self.queue.clone().try_acquire_owned() else { return Err(too_many().into()) };
        match tokio::time::timeout(PATIENCE, self.turn.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok((turn, place)),
            Ok(Err(cause)) => Err(Fault::new("waiting to render a picture", cause).into()),
            Err(_) => Err(too_many().into()),
        }
    }
}

fn too_many() -> Refusal {
    let message = "Too many pictures are being sent just now. Try again in a moment.";
    Refusal::new(reasons::OVERLOADED, message).with("retryAfterSeconds", PATIENCE.as_secs())
}

#[async_trait]
impl Renderer for Darkroom {
    async fn render(&self, picture: Vec<u8>, of: UploadType) -> Result<Rendering> {
        let turn = self.turn().await?;
        let rendered = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            encoding::render(&picture, of)
        });
        rendered.await.map_err(|cause| Fault::new("rendering a picture", cause))?
    }
}

#[cfg(test)]
mod tests {
    use kernel::ErrorCode;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_would_wait_too_long_is_told_when_to_come_again() {
        let darkroom = Darkroom::default();
        let first = darkroom.turn().await.unwrap();
        let (one, two, third) = tokio::join!(darkroom.turn(), darkroom.turn(), darkroom.turn());
        for refused in [one, two, third] {
            let Err(error) = refused else { panic!("there is one turn, and somebody has it") };
            let refusal = error.refusal().unwrap();
            assert_eq!(refusal.code, ErrorCode::ServiceUnavailable);
            assert_eq!(refusal.details["retryAfterSeconds"], PATIENCE.as_secs());
        }
        drop(first);
        assert!(darkroom.turn().await.is_ok(), "their places are free again");
    }
}
