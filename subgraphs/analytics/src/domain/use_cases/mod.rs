//! What analytics does, a file each.

use std::sync::Arc;

use super::ports::{Members, News, Reads, Store};

mod read_sales;
mod read_timeline;
mod take_note;
mod watch_sales;

pub use read_sales::ONLY_ORGANIZERS;
pub use read_timeline::ReadTimeline;

/// The use cases.
#[derive(Clone)]
pub struct Analytics {
    /// Where what was heard is kept.
    pub store: Arc<dyn Store>,
    /// Where it is read.
    pub reads: Arc<dyn Reads>,
    /// Who may read it.
    pub members: Arc<dyn Members>,
    /// When it has changed.
    pub news: Arc<dyn News>,
}
