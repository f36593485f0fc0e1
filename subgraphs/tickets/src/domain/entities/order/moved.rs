use contracts::{Announcement, tickets::OrderRescheduled};

use super::Order;

impl Order {
    /// Its event was moved: whoever has its tickets is told so.
    pub fn event_moved(&mut self, told: &OrderRescheduled) {
        self.state.version += 1;
        self.note(told.at, "RESCHEDULED", told.reason.clone());
        self.tell(Announcement::of(told));
    }
}
