//! One live stream for all who watch the same.
//!
//! Whoever subscribes to what is the same for everybody (`declared.rs`) gets a place among the viewers of one stream from
//! the service, which the router asks for on nobody's behalf: without a token. Each of its frames is executed and
//! written once, and its bytes go to all of them. Hive-router could share streams too (`dedupe`), but never ends them,
//! gives latecomers no first frame, lets slow ones miss frames in silence, and writes each frame for each client.

mod declared;
mod fan;
mod feed;
mod frame;
mod queue;
mod viewer;
mod wanted;

pub(crate) use feed::{ForOthers, Sharing};
pub(crate) use frame::Frame;
pub(crate) use viewer::{Place, Viewer};
pub(crate) use wanted::Asked;
