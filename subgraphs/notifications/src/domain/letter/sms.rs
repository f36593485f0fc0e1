use super::{Letter, apart};
use crate::domain::words::{Language, say};

/// What goes into two segments of an SMS in any script: each holds 67 code units of UTF-16.
const TWO_SEGMENTS: usize = 134;
/// Stands for what was cut; an ellipsis of its own would make a Latin text one of Unicode.
const CUT: &str = "...";

/// What is told of a letter in two segments: its title is cut, if need be.
pub(super) fn text(letter: &Letter, words: Language, url: &str) -> String {
    let title = match letter {
        Letter::OrderConfirmed { order, .. } => order.event.title.clone(),
        Letter::TicketsReceived { event, .. } => event.title.clone(),
        Letter::OrderRefunded(refund) => {
            refund.event_title.clone().unwrap_or_else(|| say!(words, "your-order"))
        }
        Letter::TicketsRefunded(refund) => refund.event.title.clone(),
        Letter::EventCalledOff(off) => off.event.title.clone(),
        Letter::EventRescheduled(moved) => moved.event.title.clone(),
        Letter::Reminder(reminder) => reminder.title.clone(),
        _ => return letter.subject(words),
    };
    let title = title.as_str();
    let text = |title: &str| match letter {
        Letter::OrderConfirmed { order, .. } => {
            say!(words, "sms-bought", title = title, number = &order.number, url = url)
        }
        Letter::OrderRefunded(refund) => money_back(
            words,
            title,
            refund.number.as_deref(),
            refund.amount.map(|amount| words.money(amount)),
            url,
        ),
        Letter::TicketsRefunded(refund) => match &refund.order {
            Some(order) if !order.amount.is_zero() => {
                let amount = words.money(order.amount);
                money_back(words, title, Some(&order.number), Some(amount), url)
            }
            _ => say!(words, "sms-tickets-back", title = title, url = url),
        },
        Letter::EventCalledOff(off) => match &off.order {
            Some(order) => say!(words, "sms-off-order", title = title, number = &order.number, url = url),
            None => say!(words, "sms-off", title = title, url = url),
        },
        Letter::EventRescheduled(moved) => {
            let now = moved.starts(words);
            match &moved.order_number {
                Some(number) => {
                    say!(words, "sms-moved-order", title = title, now = now, number = number, url = url)
                }
                None => say!(words, "sms-moved", title = title, now = now, url = url),
            }
        }
        Letter::Reminder(reminder) => {
            say!(words, "sms-reminder", title = title, begins = reminder.begins(words), url = url)
        }
        _ => say!(words, "sms-have-tickets", title = title, url = url),
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

fn money_back(
    words: Language,
    title: &str,
    number: Option<&str>,
    amount: Option<String>,
    url: &str,
) -> String {
    match (amount, number) {
        (Some(amount), Some(number)) => {
            say!(words, "sms-amount-back-order", amount = amount, title = title, number = number, url = url)
        }
        (Some(amount), None) => say!(words, "sms-amount-back", amount = amount, title = title, url = url),
        (None, Some(number)) => {
            say!(words, "sms-money-back-order", title = title, number = number, url = url)
        }
        (None, None) => say!(words, "sms-money-back", title = title, url = url),
    }
}
