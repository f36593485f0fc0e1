//! Connected accounts: what they hold, what they got and were paid out, and what Stripe and banks decide on them.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::response::Response;
use maud::{Markup, html};

use super::dashboard::back_to;
use super::overview::{SHOWN, heading};
use super::payment::event_row;
use super::{layout, not_found};
use crate::clock;
use crate::state::State;
use crate::stripe::books::Held;
use crate::stripe::connect::account::{Account, Standing};
use crate::stripe::connect::payout::{Payout, PayoutStatus};
use crate::stripe::connect::{onboarding, payouts};
use crate::stripe::money;
use crate::world::World;

/// What Stripe may decide on an account, and how it stands then.
const JUDGEMENTS: [(&str, &str, Standing); 4] = [
    ("finish", "Finish onboarding", Standing::Active),
    ("restrict", "Restrict", Standing::Restricted),
    ("pause-payouts", "Pause payouts", Standing::PayoutsPaused),
    ("lift", "Lift the restriction", Standing::Active),
];

/// `GET /sandbox/accounts/{id}`
pub(super) async fn show(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    let body = world.store.read(|state| state.accounts.get(&id).map(|account| details(state, account)));
    match body {
        Some(body) => super::html(layout::page("Account", &body)),
        None => not_found("account"),
    }
}

/// `POST /sandbox/accounts/{id}/finish`, `/restrict`, `/pause-payouts` or `/lift`
pub(super) async fn judge(
    Shared(world): Shared<Arc<World>>,
    Path((id, judgement)): Path<(String, String)>,
) -> Response {
    match JUDGEMENTS.iter().find(|(name, ..)| *name == judgement) {
        Some((_, _, standing)) => back_to("accounts", onboarding::judge(&world, &id, *standing), "account"),
        None => not_found("judgement"),
    }
}

/// `POST /sandbox/payouts/{id}/pay` or `/fail`
pub(super) async fn decide_payout(
    Shared(world): Shared<Arc<World>>,
    Path((id, decision)): Path<(String, String)>,
) -> Response {
    match decision.as_str() {
        "pay" | "fail" => back_to("accounts", payouts::decide(&world, &id, decision == "pay"), "payout"),
        _ => not_found("decision"),
    }
}

/// All accounts, on the first page.
pub(super) fn listed(state: &State) -> Markup {
    html! {
        section {
            (heading("accounts", "Connected accounts", state.accounts.len()))
            @if state.accounts.len() == 0 { p.empty { "Nobody has an account to be paid out to yet." } } @else {
                div.wide { table {
                    thead { tr {
                        th { "Created" } th { "Account" } th { "Whose" } th { "State" } th { "Balance" } th { "Payouts" }
                    } }
                    tbody { @for account in state.accounts.newest_first().take(SHOWN) { tr {
                        td { (layout::time(account.created_at)) }
                        td { a href=(format!("/sandbox/accounts/{}", account.id)) { code { (account.id) } } }
                        td { (whose(account)) }
                        td { (layout::pill(account.standing.name())) }
                        td { (balances(state, account)) }
                        td { @for payout in newest_payouts(state, account).take(3) {
                            div { (money::written(payout.amount, &payout.currency)) " " (layout::pill(payout.status.name())) }
                        } }
                    } } }
                } }
            }
        }
    }
}

fn whose(account: &Account) -> &str {
    let name = account.business_profile.get("name").or(account.email.as_ref());
    name.or_else(|| account.metadata.values().next()).map_or("–", String::as_str)
}

fn balances(state: &State, account: &Account) -> Markup {
    let held = state.balance.held_by(Some(&account.id), clock::now_ms());
    html! {
        @if held.is_empty() { span.quiet { "nothing" } }
        @for (currency, Held { available, pending }) in &held {
            div { (money::written(*available, currency))
                @if *pending != 0 { " " span.quiet { "and " (money::written(*pending, currency)) " pending" } } }
        }
    }
}

fn newest_payouts<'a>(state: &'a State, account: &'a Account) -> impl Iterator<Item = &'a Payout> {
    state.payouts.newest_first().filter(|payout| payout.account == account.id)
}

fn details(state: &State, account: &Account) -> Markup {
    let asked = account.asked().join(", ");
    let payouts: Vec<_> = newest_payouts(state, account).take(SHOWN).collect();
    let events = state.events.newest_first().filter(|event| event.account.as_deref() == Some(&account.id));
    html! {
        article {
            h1 { (whose(account)) " " (layout::pill(account.standing.name())) }
            dl.facts {
                dt { "Account" } dd { code { (account.id) } }
                dt { "Created" } dd { (layout::time(account.created_at)) }
                dt { "Country" } dd { (account.country) }
                @if let Some(email) = &account.email { dt { "E-mail" } dd { (email) } }
                @for (key, value) in &account.metadata { dt { (key) } dd { (value) } }
                dt { "Capabilities" } dd { @for name in &account.requested {
                    (name) " " (layout::pill(if account.can(name) { "active" } else { "inactive" })) " "
                } }
                @if !asked.is_empty() { dt { "Stripe asks for" } dd { (asked) } }
                dt { "Balance" } dd { (balances(state, account)) }
            }
            h2 { "As Stripe decides" }
            div.choice { @for (judgement, label, _) in JUDGEMENTS.iter().filter(|judged| is_offered(account, judged)) {
                form method="post" action=(format!("/sandbox/accounts/{}/{judgement}", account.id)) {
                    button { (label) }
                }
            } }
            h2 { "Payouts" }
            @if payouts.is_empty() { p.empty { "Nothing has been paid out yet." } } @else {
                div.wide { table { tbody { @for payout in payouts { (payout_row(payout)) } } } }
            }
            h2 { "Transfers" }
            (transfers(state, account))
            h2 { "Webhooks" }
            div.wide { table { tbody { @for event in events.take(SHOWN) { (event_row(event)) } } } }
        }
    }
}

fn is_offered(account: &Account, (judgement, _, standing): &(&str, &str, Standing)) -> bool {
    let is_new = account.standing == Standing::New;
    (*judgement == "finish") == is_new && *standing != account.standing
}

fn payout_row(payout: &Payout) -> Markup {
    let offered = |decision: &str, label: &str| {
        html! { form method="post" action=(format!("/sandbox/payouts/{}/{decision}", payout.id)) { button { (label) } } }
    };
    html! {
        tr {
            td { (layout::time(payout.created_at)) }
            td { code { (payout.id) } @for (key, value) in &payout.metadata { br; span.quiet { (key) " " (value) } } }
            td.number { (money::written(payout.amount, &payout.currency)) }
            td { (layout::pill(payout.status.name()))
                @if let Some(code) = payout.failure_code() { " " span.quiet { (code.replace('_', " ")) } } }
            td { @if payout.status == PayoutStatus::Pending { (offered("pay", "Bank pays it")) } }
            td { @if matches!(payout.status, PayoutStatus::Pending | PayoutStatus::Paid) {
                (offered("fail", "Bank returns it"))
            } }
        }
    }
}

fn transfers(state: &State, account: &Account) -> Markup {
    let mine = || state.transfers.newest_first().filter(|transfer| transfer.account == account.id);
    html! {
        @if mine().next().is_none() { p.empty { "No money has come yet." } } @else {
            div.wide { table {
                thead { tr { th { "Came" } th { "Transfer" } th { "Charge" } th.number { "Amount" } th.number { "Fee" } th.number { "Back" } } }
                tbody { @for transfer in mine().take(SHOWN) { tr {
                    td { (layout::time(transfer.created_at)) }
                    td { code { (transfer.id) } }
                    td { code { (transfer.charge.as_deref().unwrap_or("–")) } }
                    td.number { (money::written(transfer.amount, &transfer.currency)) }
                    td.number { @if transfer.fee.is_some() { (money::written(transfer.fee_amount, &transfer.currency)) } }
                    td.number { @if transfer.reversed() > 0 { (money::written(transfer.reversed(), &transfer.currency)) } }
                } } }
            } }
        }
    }
}
