//! Why tickets says no, besides what every service may say.

kernel::reasons! {
    BadUserInput {
        /// `checkout`: the organizer has terms of business, and the version in force was not accepted; `termsVersion` names it,
        /// and `termsUrl` says where it is read.
        TERMS_NOT_ACCEPTED;
    }
    Conflict {
        /// The reservation became an order before; `orderId` is the order.
        ALREADY_CHECKED_OUT;
        /// The reservation was given up.
        RESERVATION_RELEASED;
        /// `cancelOrder`: the order's time is over.
        ORDER_EXPIRED;
        /// `cancelOrder`: the order is paid; a refund is what can be asked for.
        ORDER_PAID;
        /// `cancelOrder`: the order is just being completed.
        ORDER_COMPLETING;
        /// `eventCancellationChanged`: the event was not called off.
        NOT_CALLED_OFF;
        /// `refundOrder`: the order has no tickets that could go back.
        NOTHING_TO_REFUND;
        /// `refundOrder`: who bought the tickets may not give them back.
        NO_REFUNDS;
        /// `refundOrder`: the time is over in which who bought the tickets may give them back; `until` says when it was.
        REFUNDS_OVER;
        /// `claimOrder`: the order is in an account already.
        ORDER_HAS_ACCOUNT;
        /// `claimOrder`: the order has no tickets yet.
        ORDER_NOT_PAID;
        /// `claimOrder`: a guest has no account into which an order could be taken.
        NO_ACCOUNT_YET;
        /// Somebody went in with a ticket, so that its buyer may not give it back, nor may it be passed on; `ticketIds` names them.
        TICKET_USED;
        /// The payment of the order is disputed at the bank: its tickets are not given back or passed on until that is decided.
        PAYMENT_DISPUTED;
        /// `transferTicket`, `renameTicketHolder`: the ticket was passed on, and another took its place.
        TICKET_PASSED_ON;
        /// `transferTicket`, `renameTicketHolder`: the money for the ticket went back.
        TICKET_REFUNDED;
        /// `transferTicket`, `renameTicketHolder`: the money for the ticket is going back.
        TICKET_GOING_BACK;
        /// `transferTicket`, `renameTicketHolder`: the ticket was withdrawn.
        TICKET_VOID;
        /// `transferTicket`, `renameTicketHolder`: the event of the ticket was called off.
        EVENT_CALLED_OFF;
        /// `transferTicket`: the event of the ticket is over.
        EVENT_ENDED;
        /// `renameTicketHolder`: the event of the ticket has begun.
        TOO_LATE_TO_RENAME;
        /// The event's places are not open: it is not published.
        PLACES_NOT_OPEN;
        /// The event has a promo code of this name already.
        PROMO_CODE_TAKEN;
        /// The choice leaves single seats between taken ones, where another choice of as many would leave none; `seatIds` names
        /// those that would be left alone.
        SEAT_STRANDED;
        /// `joinWaitlist`: what is waited for can be had just now; choose it instead.
        PLACES_LEFT;
        /// `joinWaitlist`: the buyer waits for one of these ticket types already; `waitlistEntryId` names the entry.
        ALREADY_WAITING;
        /// `acceptWaitlistOffer`: nothing is offered yet.
        NOTHING_OFFERED;
        /// `acceptWaitlistOffer`: the entry has come to its end.
        WAITS_NO_MORE;
        /// The promo code is switched off just now.
        PROMO_CODE_INACTIVE;
        /// The promo code can be used later, from `opensAt` on.
        PROMO_CODE_NOT_YET_VALID;
        /// The time of the promo code is over.
        PROMO_CODE_EXPIRED;
    }
    SeatsUnavailable {
        /// Seats are held, sold or blocked; `seatIds` names them.
        SEATS_TAKEN;
    }
    NotEnoughAvailable {
        /// Nothing of it is left.
        SOLD_OUT;
        /// Fewer are left than were asked for; `available` says how many, unless the organizer hides that.
        FEWER_LEFT;
        /// `holdBestAvailable`: there are as many, but not side by side.
        NOT_SIDE_BY_SIDE;
    }
    ReservationExpired {
        /// The time of the reservation is over, and its places are free again.
        HOLD_RAN_OUT;
        /// The time of what the waiting list offered is over, and it went to the next.
        OFFER_RAN_OUT;
    }
    SalesClosed {
        /// Sales of the ticket type begin later, at `opensAt`.
        NOT_YET_OPEN;
        /// Sales of the ticket type are over.
        SALES_ENDED;
        /// The event's places are being prepared for sale; it takes moments.
        PLACES_BEING_PREPARED;
        /// The event is over.
        EVENT_OVER;
        /// The event was put off, and has no new date yet.
        EVENT_POSTPONED;
        /// The event was called off.
        EVENT_CANCELLED;
        /// No ticket type is for these places.
        NOT_FOR_SALE;
    }
    LimitExceeded {
        /// The buyer has set aside as many places of the event as one may; `limit` says how many.
        TOO_MANY_OPEN_PLACES;
        /// The buyer waits for the event as often as one may; `limit` says how often.
        TOO_MANY_WAITLIST_ENTRIES;
        /// `joinWaitlist`: as many wait for the event as can, `limit`.
        WAITLIST_FULL;
        /// One hold asks for too many places; `limit` says how many it may ask for.
        TOO_MANY_AT_ONCE;
        /// An order has fewer or more of the ticket type than it may have.
        QUANTITY_PER_ORDER;
        /// The buyer would have more of the ticket type, in all orders together, than one buyer may; `limit` says how many.
        LIMIT_PER_BUYER;
        /// The promo code was used as often as it can be; `retryAfterSeconds` is there when somebody may give it back.
        PROMO_CODE_USED_UP;
        /// The buyer has used the promo code `limit` times, as often as one buyer can; `retryAfterSeconds` is there when
        /// one of them may be given back.
        PROMO_CODE_USED_BEFORE;
        /// `transferTicket`: the ticket was passed on `limit` times, as often as one may.
        TOO_MANY_TRANSFERS;
        /// `renameTicketHolder`: whose ticket it is has written another name on it `limit` times, as often as they may.
        TOO_MANY_RENAMES;
        /// The total is less or more than can be paid by card.
        AMOUNT_NOT_CHARGEABLE;
    }
    RateLimited {
        /// So many want places of the event that no more can wait.
        EVENT_QUEUE_FULL;
    }
}
