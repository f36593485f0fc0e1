//! The first page: everything that came in, and the switches.

use std::sync::Arc;

use axum::extract::{Query, State as Shared};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::layout;
use super::payment::{refunds_of, state_of};
use crate::state::State;
use crate::stripe::money;
use crate::switches::{Switches, Times};
use crate::world::World;

/// The newest of each kind are shown, up to this number.
pub(super) const SHOWN: usize = 100;

#[derive(Deserialize)]
pub(super) struct Filter {
    to: Option<String>,
}

/// `GET /sandbox`
pub(super) async fn show(Shared(world): Shared<Arc<World>>, Query(filter): Query<Filter>) -> Response {
    let revision = *world.store.revisions().borrow();
    let to = filter.to.as_deref().map(str::trim).filter(|to| !to.is_empty());
    let live = world.store.read(|state| {
        html! {
            (mails(state, to))
            (sms(state))
            (payments(state))
            (super::accounts::listed(state))
            (webhooks(state))
        }
    });
    let body = html! {
        div #live data-revision=(revision) { (live) }
        (switches(&world.board.now()))
    };
    super::html(layout::page("Everything", &body))
}

pub(super) fn heading(id: &str, title: &str, count: usize) -> Markup {
    html! {
        h2 id=(id) {
            (title) " " span.count { (count) }
            @if count > SHOWN { small { " the newest " (SHOWN) " are shown" } }
        }
    }
}

fn mails(state: &State, to: Option<&str>) -> Markup {
    let some = state.mails.newest_first().filter(|mail| to.is_none_or(|to| mail.is_to(to)));
    html! {
        section {
            (heading("mails", "Mails", state.mails.len()))
            form.filter method="get" action="/sandbox" {
                label for="to" { "To" }
                input #to type="search" name="to" value=[to] placeholder="somebody@example.org";
                button { "Show" }
            }
            @if state.mails.len() == 0 { p.empty { "No mail has come yet." } } @else {
                div.wide { table {
                    thead { tr { th { "Received" } th { "To" } th { "Subject" } th { "Attachments" } } }
                    tbody { @for mail in some.take(SHOWN) { tr {
                        td { (layout::time(mail.received_at)) }
                        td { (mail.to.join(", ")) }
                        td { a href=(format!("/sandbox/mails/{}", mail.id)) {
                            @if mail.heading.subject.is_empty() { em { "without a subject" } }
                            @else { (mail.heading.subject) }
                        } }
                        td { @for (number, part) in mail.heading.attachments.iter().enumerate() {
                            a.attachment href=(format!("/sandbox/mails/{}/attachments/{number}", mail.id)) { (part.name) }
                        } }
                    } } }
                } }
            }
        }
    }
}

fn sms(state: &State) -> Markup {
    html! {
        section {
            (heading("sms", "SMS", state.sms.len()))
            @if state.sms.len() == 0 { p.empty { "No SMS has come yet." } } @else {
                div.wide { table {
                    thead { tr { th { "Sent" } th { "From" } th { "To" } th { "Text" } } }
                    tbody { @for sms in state.sms.newest_first().take(SHOWN) { tr {
                        td { (layout::time(sms.sent_at)) }
                        td { (sms.from) }
                        td { (sms.to) }
                        td.text { (sms.body) }
                    } } }
                } }
            }
        }
    }
}

fn payments(state: &State) -> Markup {
    html! {
        section {
            (heading("payments", "Payments", state.intents.len()))
            @if state.intents.len() == 0 { p.empty { "Nothing has been paid yet." } } @else {
                div.wide { table {
                    thead { tr {
                        th { "Created" } th { "Payment" } th.number { "Amount" } th { "State" } th { "Card" } th { "Refunds" }
                    } }
                    tbody { @for intent in state.intents.newest_first().take(SHOWN) { tr {
                        td { (layout::time(intent.created_at)) }
                        td { a href=(format!("/sandbox/payments/{}", intent.id)) { code { (intent.id) } } }
                        td.number { (money::written(intent.amount, &intent.currency)) }
                        td { (state_of(intent)) }
                        td { (intent.payment_method.as_deref().unwrap_or("–")) }
                        td { (refunds_of(state, &intent.id)) }
                    } } }
                } }
            }
        }
    }
}

fn webhooks(state: &State) -> Markup {
    html! {
        section {
            (heading("webhooks", "Webhooks", state.events.len()))
            p { @match &state.endpoint {
                Some(endpoint) => { "They go to " code { (endpoint.url) } "." }
                None => "They wait, because no endpoint is set.",
            } }
            @if state.events.len() > 0 {
                div.wide { table {
                    thead { tr { th { "Happened" } th { "Event" } th { "About" } th { "State" } th { "Last attempt" } th {} } }
                    tbody { @for event in state.events.newest_first().take(SHOWN) { (super::payment::event_row(event)) } }
                } }
            }
        }
    }
}

fn switches(now: &Switches) -> Markup {
    let number = |name: &str, label: &str, value: u64, most: u64| {
        html! { label { span { (label) }
        input type="number" name=(name) min="0" max=(most) value=(value); } }
    };
    let tick = |name: &str, label: &str, on: bool| {
        html! { label { span { (label) } input type="checkbox" name=(name) checked[on]; } }
    };
    html! {
        section {
            h2 #switches { "Switches" }
            p { "Make things go wrong, and see what the platform does about it." }
            form #faults method="dialog" {
                fieldset { legend { "Stripe's API" }
                    (number("apiLatencyMs", "Takes this many ms", now.api_latency_ms, 600_000))
                    (times("apiFail", "Fails with 500", now.api_fail))
                    (times("apiTimeOut", "Does its work and never answers", now.api_time_out))
                }
                fieldset { legend { "Webhooks" }
                    (number("webhookDelayMs", "Late by this many ms", now.webhook_delay_ms, 600_000))
                    (number("webhookDuplicates", "More copies of each", u64::from(now.webhook_duplicates), 20))
                    (tick("webhookReorder", "Newest first", now.webhook_reorder))
                    (tick("webhookDropFirst", "The first delivery gets lost", now.webhook_drop_first))
                    (times("webhookLose", "Are lost for good", now.webhook_lose))
                }
                fieldset { legend { "Payouts" }
                    (number("fundsPendingMs", "Money is pending for this many ms", now.funds_pending_ms, 600_000))
                    (times("payoutFail", "The bank returns them", now.payout_fail))
                    (tick("payoutHold", "Wait until the bank is asked below", now.payout_hold))
                }
                fieldset { legend { "Mail and SMS" }
                    (times("smtpRefuse", "Mails are refused for now (451)", now.smtp_refuse))
                    (times("smsFail", "SMS are refused (503)", now.sms_fail))
                }
                p.actions {
                    button type="button" data-reset="switches" { "All off" }
                    button.danger type="button" data-reset="everything" { "Forget everything" }
                    output #said role="status" {}
                }
            }
        }
    }
}

fn times(name: &str, label: &str, now: Times) -> Markup {
    let mut choices = vec![Times::Never, Times::Next(1), Times::Next(3), Times::Next(10), Times::Always];
    if !choices.contains(&now) {
        choices.insert(1, now);
    }
    let value = |times| match times {
        Times::Never => "0".to_owned(),
        Times::Next(left) => left.to_string(),
        Times::Always => "always".to_owned(),
    };
    let text = |times| match times {
        Times::Never => "no".to_owned(),
        Times::Next(1) => "the next one".to_owned(),
        Times::Next(left) => format!("the next {left}"),
        Times::Always => "always".to_owned(),
    };
    html! { label { span { (label) } select name=(name) {
        @for choice in choices { option value=(value(choice)) selected[choice == now] { (text(choice)) } }
    } } }
}
