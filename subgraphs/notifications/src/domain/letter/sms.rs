use super::{Letter, apart};

/// What goes into two segments of an SMS in any script: each holds 67 code units of UTF-16.
const TWO_SEGMENTS: usize = 134;
/// Stands for what was cut; an ellipsis of its own would make a Latin text one of Unicode.
const CUT: &str = "...";

/// What is told of a letter in two segments: its title is cut, if need be.
pub(super) fn text(letter: &Letter, public_url: &str) -> String {
    let title = match letter {
        Letter::OrderConfirmed { order, .. } => &order.event.title,
        Letter::TicketsReceived { event, .. } => &event.title,
        Letter::OrderRefunded(refund) => refund.title(),
        Letter::TicketsRefunded(refund) => &refund.event.title,
        Letter::EventCalledOff(off) => &off.event.title,
        Letter::EventRescheduled(moved) => &moved.event.title,
        Letter::PaymentDeclined(_) | Letter::PaymentDisputed(_) | Letter::Account { .. } => {
            return letter.subject();
        }
    };
    let text = |title: &str| match letter {
        Letter::OrderConfirmed { order, .. } => {
            format!("Your tickets for {title} are here. Order {}: {public_url}", order.number)
        }
        Letter::OrderRefunded(refund) => {
            let amount = refund.amount.map_or_else(|| "money".to_owned(), |amount| amount.to_string());
            let order = refund.number.as_ref().map(|number| format!(" Order {number}:")).unwrap_or_default();
            format!("Your {amount} for {title} goes back.{order} {public_url}")
        }
        Letter::TicketsRefunded(refund) => match &refund.order {
            Some(order) if !order.amount.is_zero() => {
                format!("Your {} for {title} goes back. Order {}: {public_url}", order.amount, order.number)
            }
            _ => format!("Tickets for {title} were taken back: {public_url}"),
        },
        Letter::EventCalledOff(off) => {
            let order =
                off.order.as_ref().map(|order| format!(" Order {}:", order.number)).unwrap_or_default();
            format!("{title} is called off.{order} {public_url}")
        }
        Letter::EventRescheduled(moved) => {
            let order = moved.order_number.as_ref().map(|number| format!(" Order {number}:"));
            format!("{title} is now on {}.{} {public_url}", moved.starts(), order.unwrap_or_default())
        }
        Letter::TicketsReceived { .. }
        | Letter::PaymentDeclined(_)
        | Letter::PaymentDisputed(_)
        | Letter::Account { .. } => format!("You have tickets for {title}: {public_url}"),
    };
    let units = |text: &str| text.encode_utf16().count();
    let marks = units(&apart(title)) - units(title);
    let room = TWO_SEGMENTS.saturating_sub(units(&text("")) + marks);
    if units(title) <= room {
        return text(&apart(title));
    }
    let mut left = room.saturating_sub(units(CUT));
    let fits = title.chars().take_while(|char| {
        let fits = char.len_utf16() <= left;
        left = left.saturating_sub(char.len_utf16());
        fits
    });
    let cut: String = fits.collect();
    text(&apart(&format!("{}{CUT}", cut.trim_end())))
}
