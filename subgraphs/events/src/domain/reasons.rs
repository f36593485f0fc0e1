//! Why events says no, besides what every service may say.

kernel::reasons! {
    Conflict {
        /// `publishEvent`: only a draft can be published.
        NOT_A_DRAFT;
        /// `rescheduleEvent`: the event is a draft.
        STILL_A_DRAFT;
        /// The event was called off.
        EVENT_CANCELLED;
        /// The event has begun.
        EVENT_BEGUN;
        /// The event is over.
        EVENT_OVER;
        /// The event is published, and `field` stands since.
        EVENT_PUBLISHED;
    }
    LimitExceeded {
        /// The event has as many pictures as it can have, or the organization has pictures of as many performers; `limit` says how
        /// many.
        TOO_MANY_IMAGES;
    }
}
