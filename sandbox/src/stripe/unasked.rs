//! What happens without a call of the API: what people and banks do, and what time brings.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::charging::Changes;
use super::{Call, Origin};
use crate::clock;
use crate::state::State;
use crate::switches::Switches;
use crate::world::World;

/// Decides on the state as it is, and makes the changes decided.
pub(crate) fn act<T>(
    world: &World,
    act: impl for<'a> FnOnce(&'a Call<'a>) -> (T, Changes<'a>),
) -> io::Result<T> {
    let public_url = world.public_url();
    let pending_ms = world.board.now().pending_ms();
    world.store.write(|state| {
        let origin = Origin::default();
        let now = clock::now_ms();
        let call = Call { state, now, public_url: &public_url, origin: &origin, account: None, pending_ms };
        let (done, changes) = act(&call);
        (done, changes.made)
    })
}

/// Ends one after the other what waits for its time, until the sandbox stops. `next` tells what is next, and when.
pub(crate) async fn when_due(
    world: Arc<World>,
    what: &'static str,
    next: impl Fn(&State, &Switches) -> Option<(i64, String)>,
    end: impl Fn(&World, &str) -> io::Result<()>,
) {
    let mut revisions = world.store.revisions();
    let mut moves = world.board.moves();
    loop {
        revisions.mark_unchanged();
        moves.mark_unchanged();
        let switches = world.board.now();
        let wait = match world.store.read(|state| next(state, &switches)) {
            Some((at, id)) if at <= clock::now_ms() => match end(&world, &id) {
                Ok(()) => Duration::ZERO,
                Err(broken) => {
                    tracing::error!(%broken, id, "{what} could not be ended; trying again");
                    Duration::from_secs(1)
                }
            },
            Some((at, _)) => Duration::from_millis(u64::try_from(at - clock::now_ms()).unwrap_or(1)),
            None => Duration::from_hours(1),
        };
        tokio::select! {
            () = world.stop.cancelled() => return,
            () = tokio::time::sleep(wait) => (),
            _ = revisions.changed() => (),
            _ = moves.changed() => (),
        }
    }
}
