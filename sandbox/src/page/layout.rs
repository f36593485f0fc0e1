//! The frame around every page, and the small things pages are made of.

use maud::{DOCTYPE, Markup, html};

use crate::clock;

/// A whole page.
pub(crate) fn page(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Odysseus sandbox" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/sandbox/page.css";
                script src="/sandbox/page.js" defer {}
            }
            body {
                header.top {
                    a.brand href="/sandbox" { "Odysseus " span { "sandbox" } }
                    nav aria-label="Sections" {
                        a href="/sandbox#mails" { "Mails" }
                        a href="/sandbox#sms" { "SMS" }
                        a href="/sandbox#payments" { "Payments" }
                        a href="/sandbox#accounts" { "Accounts" }
                        a href="/sandbox#webhooks" { "Webhooks" }
                        a href="/sandbox#switches" { "Switches" }
                    }
                }
                main { (body) }
            }
        }
    }
}

/// An instant, exact for machines and readable for people.
pub(super) fn time(at_ms: i64) -> Markup {
    let text = clock::readable(at_ms);
    html! { time datetime=(format!("{}Z", text.replace(' ', "T"))) title="UTC" { (text) } }
}

/// A state in a coloured pill.
pub(super) fn pill(word: &str) -> Markup {
    let mood = match word {
        "succeeded" | "delivered" | "active" | "paid" => "good",
        "requires_payment_method" | "failed" | "given_up" | "restricted" => "bad",
        "requires_action" | "requires_confirmation" | "waiting" | "pending" | "payouts_paused" => "waiting",
        _ => "quiet",
    };
    html! { span.pill.(mood) { (word.replace('_', " ")) } }
}

/// A size as people say it.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", bytes / 1_024),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}
