use chrono::{DateTime, Utc};

use super::OrderStep;

/// What happened to an order, as its buyer understands it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderStepKind {
    /// It was placed.
    Placed,
    /// Its places are kept for it.
    SeatsSecured,
    /// A card was declined.
    PaymentDeclined,
    /// The money has arrived.
    Paid,
    /// Its tickets were issued.
    TicketsIssued,
    /// The mail with its tickets is on its way.
    ConfirmationSent,
    /// Time ran out before it was paid.
    Expired,
    /// It was given up, or could not be fulfilled.
    Cancelled,
    /// The money is on its way back.
    RefundStarted,
    /// Money went back: all of it, or a part.
    Refunded,
    /// Money could not be sent back.
    RefundFailed,
    /// Its event has another time.
    Rescheduled,
    /// A ticket of it went to somebody else.
    Transferred,
    /// The buyer's bank wants the money back.
    Disputed,
    /// The bank has decided: the payment stands.
    DisputeWon,
    /// The bank has decided: the buyer keeps the money.
    DisputeLost,
    /// A guest's order was taken into an account.
    Claimed,
}

impl OrderStepKind {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::Placed,
        Self::SeatsSecured,
        Self::PaymentDeclined,
        Self::Paid,
        Self::TicketsIssued,
        Self::ConfirmationSent,
        Self::Expired,
        Self::Cancelled,
        Self::RefundStarted,
        Self::Refunded,
        Self::RefundFailed,
        Self::Rescheduled,
        Self::Transferred,
        Self::Disputed,
        Self::DisputeWon,
        Self::DisputeLost,
        Self::Claimed,
    ];

    /// As clients read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "PLACED",
            Self::SeatsSecured => "SEATS_SECURED",
            Self::PaymentDeclined => "PAYMENT_DECLINED",
            Self::Paid => "PAID",
            Self::TicketsIssued => "TICKETS_ISSUED",
            Self::ConfirmationSent => "CONFIRMATION_SENT",
            Self::Expired => "EXPIRED",
            Self::Cancelled => "CANCELLED",
            Self::RefundStarted => "REFUND_STARTED",
            Self::Refunded => "REFUNDED",
            Self::RefundFailed => "REFUND_FAILED",
            Self::Rescheduled => "RESCHEDULED",
            Self::Transferred => "TRANSFERRED",
            Self::Disputed => "DISPUTED",
            Self::DisputeWon => "DISPUTE_WON",
            Self::DisputeLost => "DISPUTE_LOST",
            Self::Claimed => "CLAIMED",
        }
    }
}

/// A line of an order's history as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldStep {
    /// When.
    pub at: DateTime<Utc>,
    /// What happened.
    pub kind: OrderStepKind,
    /// The same in a sentence for the buyer.
    pub message: String,
    /// Why a card was declined, as the payment provider calls it.
    pub decline_code: Option<String>,
}

impl ToldStep {
    /// What an order's history tells its buyer. What the purchase did in between is left out: it is told by what came
    /// of it.
    pub fn all(history: impl IntoIterator<Item = OrderStep>) -> Vec<Self> {
        let mut told: Vec<Self> = Vec::new();
        let mut refused: Option<String> = None;
        let mut whole_refund_told = false;
        for OrderStep { at, step, detail } in history {
            let mut decline_code = None;
            let (kind, message) = match step.as_str() {
                "PLACED" => (OrderStepKind::Placed, "The order was placed.".to_owned()),
                "SECURE_SEATS_DONE" => {
                    (OrderStepKind::SeatsSecured, "Your places are kept for you.".to_owned())
                }
                "PAYMENT_DECLINED" => {
                    decline_code = detail;
                    let message = "The payment was declined. Try again, or with another card.";
                    (OrderStepKind::PaymentDeclined, message.to_owned())
                }
                "TAKE_PAYMENT_DONE" | "RETURN_PAYMENT_STANDS" => {
                    (OrderStepKind::Paid, "The payment has arrived.".to_owned())
                }
                "ISSUE_TICKETS_DONE" => (OrderStepKind::TicketsIssued, "Your tickets are issued.".to_owned()),
                "SEND_CONFIRMATION_DONE" => {
                    (OrderStepKind::ConfirmationSent, "The mail with your tickets is on its way.".to_owned())
                }
                "EXPIRED" => {
                    let message = "The time to pay was over. The places are free again.";
                    (OrderStepKind::Expired, message.to_owned())
                }
                "CANCELLED" => {
                    let why = match (detail, refused.take()) {
                        (Some(why), _) => because("The order has ended before it was paid.", &why),
                        (None, Some(reason)) => because("The order could not be fulfilled.", &reason),
                        (None, None) => "The order was given up before it was paid.".to_owned(),
                    };
                    (OrderStepKind::Cancelled, why)
                }
                "REFUND_STARTED" => {
                    let amount = detail.unwrap_or_default();
                    (OrderStepKind::RefundStarted, format!("{amount} is on its way back to you."))
                }
                "REFUND_DONE" => {
                    let amount = detail.unwrap_or_default();
                    (OrderStepKind::Refunded, format!("{amount} went back to you."))
                }
                "REFUND_REFUSED" => {
                    let message = "The money could not go back to you. Your tickets are valid as before.";
                    (OrderStepKind::RefundFailed, message.to_owned())
                }
                // From here on the money is asked back.
                "ISSUE_TICKETS_REFUSED" => {
                    let message = "The tickets could not be issued, and the money goes back to you.";
                    (OrderStepKind::RefundStarted, because(message, &detail.unwrap_or_default()))
                }
                // The end of the purchase says it, and so does the payment.
                "REFUNDED" | "PAYMENT_REFUNDED" if whole_refund_told => continue,
                "REFUNDED" | "PAYMENT_REFUNDED" => {
                    whole_refund_told = true;
                    (OrderStepKind::Refunded, "The money went back to you.".to_owned())
                }
                "PAYMENT_REFUNDED_IN_PART" => {
                    // Such as `1.00 EUR of 20.00 EUR: why`.
                    let part = detail.as_deref().and_then(|detail| detail.split_once(": "));
                    let message = match part {
                        Some((part, _)) => format!("{part} went back to you."),
                        None => "A part of the money went back to you.".to_owned(),
                    };
                    (OrderStepKind::Refunded, message)
                }
                // Why is for the organizer: such as that the card was closed.
                "REFUND_FAILED" => {
                    (OrderStepKind::RefundFailed, "The money could not be sent back to you yet.".to_owned())
                }
                "RESCHEDULED" => {
                    let message = "The event has another time. Your tickets stay valid.";
                    (OrderStepKind::Rescheduled, because(message, &detail.unwrap_or_default()))
                }
                "TRANSFERRED" => {
                    (OrderStepKind::Transferred, "A ticket was passed on to somebody else.".to_owned())
                }
                "PAYMENT_DISPUTED" => {
                    (OrderStepKind::Disputed, "The payment is disputed at your bank.".to_owned())
                }
                "DISPUTE_WON" => {
                    (OrderStepKind::DisputeWon, "Your bank has decided: the payment stands.".to_owned())
                }
                "DISPUTE_LOST" => {
                    (OrderStepKind::DisputeLost, "Your bank has decided: you keep the money.".to_owned())
                }
                "CLAIMED" => (OrderStepKind::Claimed, "The order was taken into an account.".to_owned()),
                "SECURE_SEATS_REFUSED" | "TAKE_PAYMENT_REFUSED" => {
                    refused = Some(detail.unwrap_or_default());
                    continue;
                }
                _ => continue,
            };
            told.push(Self { at, kind, message, decline_code });
        }
        told
    }
}

/// A sentence, and behind it the reason as one more.
fn because(sentence: &str, reason: &str) -> String {
    let reason = reason.trim();
    let mut letters = reason.chars();
    let Some(first) = letters.next() else { return sentence.to_owned() };
    let stop = if reason.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{sentence} {}{}{stop}", first.to_uppercase(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(history: &[(&str, Option<&str>)]) -> Vec<(OrderStepKind, String, Option<String>)> {
        let step = |(step, detail): &(&str, Option<&str>)| OrderStep {
            at: DateTime::UNIX_EPOCH,
            step: (*step).to_owned(),
            detail: detail.map(ToOwned::to_owned),
        };
        let told = ToldStep::all(history.iter().map(step));
        told.into_iter().map(|told| (told.kind, told.message, told.decline_code)).collect()
    }

    fn kinds(history: &[(&str, Option<&str>)]) -> Vec<OrderStepKind> {
        told(history).into_iter().map(|(kind, ..)| kind).collect()
    }

    #[test]
    fn a_purchase_is_told_from_the_order_to_the_confirmation() {
        use OrderStepKind::{ConfirmationSent, Paid, PaymentDeclined, Placed, SeatsSecured, TicketsIssued};
        let bought = [
            ("PLACED", None),
            ("SECURE_SEATS_DONE", None),
            ("PAYMENT_DECLINED", Some("insufficient_funds")),
            ("TAKE_PAYMENT_DONE", None),
            ("ISSUE_TICKETS_DONE", None),
            ("SEND_CONFIRMATION_REFUSED", Some("no mailbox")),
            ("SEND_CONFIRMATION_DONE", None),
        ];
        let expected = [Placed, SeatsSecured, PaymentDeclined, Paid, TicketsIssued, ConfirmationSent];
        assert_eq!(kinds(&bought), expected);
        let codes: Vec<_> = told(&bought).into_iter().filter_map(|(.., code)| code).collect();
        assert_eq!(codes, ["insufficient_funds"], "one step has a decline code");
    }

    #[test]
    fn what_was_cancelled_says_why() {
        let given_up = [("CANCEL_REQUESTED", None), ("RELEASE_SEATS_DONE", None), ("CANCELLED", None)];
        let given_up = told(&given_up);
        assert_eq!(given_up.len(), 1);
        assert_eq!(given_up[0].1, "The order was given up before it was paid.");
        let refused = [("TAKE_PAYMENT_REFUSED", Some("the money was given back")), ("CANCELLED", None)];
        let refused = told(&refused);
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].1, "The order could not be fulfilled. The money was given back.");
        let called_off = [("TIMED_OUT", None), ("CANCELLED", Some("The event was called off."))];
        let sentence = "The order has ended before it was paid. The event was called off.";
        assert_eq!(told(&called_off)[0].1, sentence);
    }

    #[test]
    fn money_that_came_too_late_goes_back_once() {
        use OrderStepKind::{Paid, RefundStarted, Refunded};
        let late = [
            ("TIMED_OUT", None),
            ("RETURN_PAYMENT_STANDS", Some("It was paid in time.")),
            ("ISSUE_TICKETS_REFUSED", Some("The event was called off.")),
            ("RETURN_PAYMENT_DONE", None),
            ("REFUNDED", None),
            ("PAYMENT_REFUNDED", Some("requested_by_customer")),
        ];
        assert_eq!(kinds(&late), [Paid, RefundStarted, Refunded]);
        let why = &told(&late)[1].1;
        assert!(why.ends_with("the money goes back to you. The event was called off."), "{why}");
    }

    #[test]
    fn a_part_of_the_money_is_told_by_its_amount_and_not_by_its_reason() {
        let part = told(&[("PAYMENT_REFUNDED_IN_PART", Some("1.00 EUR of 20.00 EUR: fraudulent"))]);
        let expected = "1.00 EUR of 20.00 EUR went back to you.".to_owned();
        assert_eq!(part, [(OrderStepKind::Refunded, expected, None)]);
    }

    #[test]
    fn a_refund_that_failed_is_told_without_its_reason_and_comes_to_its_end_later() {
        use OrderStepKind::{RefundFailed, Refunded};
        let late = [("REFUND_FAILED", Some("expired_or_canceled_card")), ("PAYMENT_REFUNDED", None)];
        assert_eq!(kinds(&late), [RefundFailed, Refunded]);
        assert_eq!(told(&late)[0].1, "The money could not be sent back to you yet.");
    }

    #[test]
    fn another_time_of_the_event_is_told_with_the_organizers_reason() {
        let moved = told(&[("RESCHEDULED", Some("the singer is ill")), ("RESCHEDULED", None)]);
        let sentence = "The event has another time. Your tickets stay valid.";
        assert!(moved.iter().all(|(kind, ..)| *kind == OrderStepKind::Rescheduled));
        assert_eq!(moved[0].1, format!("{sentence} The singer is ill."));
        assert_eq!(moved[1].1, sentence);
    }

    #[test]
    fn a_ticket_that_went_to_somebody_else_is_told_without_their_name() {
        let passed_on = told(&[("TRANSFERRED", Some("grace@example.org"))]);
        let expected = "A ticket was passed on to somebody else.".to_owned();
        assert_eq!(passed_on, [(OrderStepKind::Transferred, expected, None)]);
    }

    #[test]
    fn each_kind_is_there_once_in_the_order_in_which_it_is_written_down() {
        let names: Vec<_> = OrderStepKind::ALL.into_iter().map(OrderStepKind::as_str).collect();
        let expected = "PLACED SEATS_SECURED PAYMENT_DECLINED PAID TICKETS_ISSUED CONFIRMATION_SENT EXPIRED CANCELLED \
                        REFUND_STARTED REFUNDED REFUND_FAILED RESCHEDULED TRANSFERRED DISPUTED DISPUTE_WON DISPUTE_LOST CLAIMED";
        assert_eq!(names.join(" "), expected);
    }
}
