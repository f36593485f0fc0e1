//! What must hold of a case once everything is at rest.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use e2e::{Dashboard, Mail, Outcome};
use serde_json::{Value, json};

use crate::{
    case::{Bought, Buyer, Case, Did, PARTS, id},
    rest::Rest,
};

/// How the subjects of mails begin that are taken back when something newer has happened.
const OVERTAKEN: [&str; 2] = ["Your card was declined: ", "New time: "];

/// An order with everything around it.
struct Seen<'a> {
    bought: &'a Bought,
    order: Value,
    /// The provider's payments for it.
    payments: Vec<Value>,
    total: i64,
}

impl Case<'_> {
    /// Everything that is wrong with it.
    pub(crate) async fn wrong(&self, rest: &Rest) -> Vec<String> {
        let mut wrong = self.broken();
        let mut orders = Vec::new();
        for buyer in &self.buyers {
            let known = buyer.knows().orders.clone();
            let mails = self.stage.dashboard.mails(&buyer.person.email).await;
            for bought in &known {
                match self.sees(buyer, bought, rest).await {
                    Ok(seen) => {
                        let of_order = self.of_order(&seen, rest).into_iter().chain(mailed(&seen, &mails));
                        wrong.extend(of_order.map(|wrong| self.told(&seen, &wrong)));
                        orders.push((buyer.person.id.clone(), seen.order));
                    }
                    Err(refused) => {
                        wrong.push(format!("the order {} cannot be seen: {refused:?}", bought.number));
                    }
                }
            }
            wrong.extend(once_each(&buyer.person.email, &mails, rest));
        }
        wrong.extend(two_owners(&orders));
        wrong.extend(self.codes(&orders).await);
        wrong
    }

    async fn sees<'a>(&self, buyer: &Buyer, bought: &'a Bought, rest: &Rest) -> Outcome<Seen<'a>> {
        let query = format!(
            "query($id: ID!) {{ order(id: $id) {{ id number status total {{ {PARTS} }} payment {{ status refunded {{ amount }} }} \
             tickets {{ id status seat {{ id }} price {{ total {{ amount }} }} }} invoices {{ kind total {{ amount }} }} \
             history {{ kind }} }} }}"
        );
        let order = buyer.person.does("order", &query, json!({ "id": bought.id })).await?;
        let payments = Dashboard::of_order(&rest.payments, &bought.number);
        let total = minor(&order["total"]["total"]);
        Ok(Seen { bought, order, payments, total })
    }

    fn told(&self, seen: &Seen<'_>, wrong: &str) -> String {
        let steps: Vec<_> =
            list(&seen.order["history"]).iter().filter_map(|step| step["kind"].as_str()).collect();
        let tickets: Vec<_> =
            list(&seen.order["tickets"]).iter().filter_map(|one| one["status"].as_str()).collect();
        format!(
            "{wrong}: the order {} ({}) of {}, tickets {tickets:?}, did {:?}, off {}, {steps:?}, at the provider {:?}",
            seen.bought.number,
            seen.order["status"],
            seen.total,
            seen.bought.did,
            self.is_off.load(Ordering::Acquire),
            seen.payments.iter().map(short).collect::<Vec<_>>()
        )
    }

    fn of_order(&self, seen: &Seen<'_>, rest: &Rest) -> Vec<String> {
        let mut wrong = Vec::new();
        let units = self.plan.sale.prices.at_the_provider;
        let captured: Vec<_> =
            seen.payments.iter().filter(|payment| payment["status"] == "succeeded").collect();
        let open = seen
            .payments
            .iter()
            .filter(|payment| payment["status"] != "succeeded" && payment["status"] != "canceled");
        if open.count() > 0 {
            wrong.push("a payment is still open".to_owned());
        }
        if captured.len() > 1 {
            wrong.push("it was paid twice".to_owned());
        }
        if seen.order["total"] != seen.bought.shown {
            wrong.push(format!("{} was shown, and it costs {}", seen.bought.shown, seen.order["total"]));
        }
        let (paid, back) = rest.cash_of(&seen.bought.id);
        let held: i64 = seen.payments.iter().map(|payment| rest.held_of(payment)).sum();
        if (paid - back) * units != held {
            wrong.push(format!("the cash book has {paid} - {back}, and the provider's balance {held}"));
        }
        if captured.first().is_some_and(|payment| payment["amount"] != json!(seen.total * units)) {
            wrong.push("what was charged is not what it costs".to_owned());
        }
        wrong.extend(self.follows(seen, !captured.is_empty()));
        wrong.extend(papers(seen));
        if !captured.is_empty() && !self.is_touched(seen) {
            wrong.extend(in_the_books(seen, rest));
        }
        wrong
    }

    /// True when something was done with its money after it had come.
    fn is_touched(&self, seen: &Seen<'_>) -> bool {
        let after = [Did::AskedForRefund, Did::RefundedElsewhere, Did::ReturnedByTheBank, Did::Disputed];
        after.iter().any(|did| seen.bought.did.contains(did))
            || self.is_off.load(Ordering::Acquire)
            || list(&seen.order["tickets"]).is_empty()
    }

    /// Its status, and those of its tickets, follow from what was done.
    fn follows(&self, seen: &Seen<'_>, captured: bool) -> Vec<String> {
        let mut wrong = Vec::new();
        let (did, is_off) = (&seen.bought.did, self.is_off.load(Ordering::Acquire));
        let status = seen.order["status"].as_str().unwrap_or_default();
        let tickets = list(&seen.order["tickets"]);
        let of_status = |wanted: &str| tickets.iter().filter(|ticket| ticket["status"] == wanted).count();
        let (valid, refunded) = (of_status("VALID"), of_status("REFUNDED"));
        let mut must = |holds: bool, what: &str| {
            if !holds {
                wrong.push(what.to_owned());
            }
        };
        must(!["AWAITING_PAYMENT", "PAYMENT_FAILED", "PAID"].contains(&status), "it is not at an end");
        if !captured && seen.total > 0 {
            must(["EXPIRED", "CANCELLED"].contains(&status), "nobody paid, and it ended as if somebody had");
            must(tickets.is_empty(), "nobody paid, and there are tickets");
            must(!did.contains(&Did::WasPaid), "the buyer was told that it is paid");
            let gave_up = did.contains(&Did::GaveUp) || is_off;
            must(status != "CANCELLED" || gave_up, "nobody gave it up");
            return wrong;
        }
        must(
            status != "EXPIRED" || (tickets.is_empty() && did.contains(&Did::GaveUp)),
            "it is paid, and ended as if nobody had",
        );
        match status {
            "COMPLETED" => must(refunded == 0 && !tickets.is_empty(), "it stands, and tickets went back"),
            "PARTIALLY_REFUNDED" => {
                must(refunded > 0 && refunded < tickets.len(), "a part of it went back, or not");
            }
            "REFUNDED" => must(valid == 0, "all of it went back, and tickets admit"),
            _ => {}
        }
        if !self.is_touched(seen) {
            must(status == "COMPLETED" && valid == tickets.len(), "it was paid, and left alone");
        }
        if !did.contains(&Did::Disputed) {
            must(!is_off || status == "REFUNDED" || status == "CANCELLED", "the event is off, and it stands");
            let gone = |id: &String| {
                tickets.iter().any(|ticket| ticket["id"] == **id && ticket["status"] == "REFUNDED")
            };
            must(seen.bought.returned.iter().all(gone), "tickets are not back that were to be");
        }
        wrong
    }

    /// As many orders have a code as it says, and no more than may.
    async fn codes(&self, orders: &[(String, Value)]) -> Vec<String> {
        let query =
            "query($id: ID!) { event(id: $id) { promoCodes(first: 10) { nodes { id code redemptions } } } }";
        let seen = match self.organizer.does("event", query, json!({ "id": self.event })).await {
            Ok(seen) => seen,
            Err(refused) => return vec![format!("the codes cannot be seen: {refused:?}")],
        };
        let mut wrong = Vec::new();
        for (code, input) in &self.codes {
            let known = list(&seen["promoCodes"]["nodes"]).iter().find(|known| known["id"] == **code);
            let has = |(_, order): &&(String, Value)| {
                let with_it =
                    list(&order["total"]["discounts"]).iter().any(|line| line["code"] == input["code"]);
                with_it && !list(&order["tickets"]).is_empty()
            };
            let mut by_buyer: BTreeMap<&str, u64> = BTreeMap::new();
            for (buyer, _) in orders.iter().filter(has) {
                *by_buyer.entry(buyer).or_default() += 1;
            }
            let all: u64 = by_buyer.values().sum();
            let counted = known.and_then(|known| known["redemptions"].as_u64());
            if counted != Some(all) {
                wrong.push(format!("the code {input} counts {counted:?}, and {all} orders have it"));
            }
            let most = |limit: &str| input[limit].as_u64().unwrap_or(u64::MAX);
            if all > most("maxRedemptions") || by_buyer.values().any(|times| *times > most("maxPerBuyer")) {
                wrong.push(format!("the code {input} was redeemed by {by_buyer:?}"));
            }
        }
        wrong
    }
}

/// Tickets, invoice and credit notes sum to what was paid, and what went back.
fn papers(seen: &Seen<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let tickets = list(&seen.order["tickets"]);
    let sum: i64 = tickets.iter().map(|ticket| minor(&ticket["price"]["total"])).sum();
    if !tickets.is_empty() && sum != seen.total {
        wrong.push(format!("its tickets sum to {sum}"));
    }
    let of_kind = |kind: &str| -> Vec<i64> {
        let some = list(&seen.order["invoices"]).iter().filter(|paper| paper["kind"] == kind);
        some.map(|paper| minor(&paper["total"])).collect()
    };
    let (invoices, credits) = (of_kind("INVOICE"), of_kind("CREDIT_NOTE"));
    let expected = if tickets.is_empty() || seen.total == 0 { vec![] } else { vec![seen.total] };
    if invoices != expected {
        wrong.push(format!("its invoices are of {invoices:?}"));
    }
    let credited: i64 = credits.iter().sum();
    let back = minor(&seen.order["payment"]["refunded"]);
    let elsewhere = [Did::RefundedElsewhere, Did::ReturnedByTheBank, Did::Disputed];
    let is_ours = !elsewhere.iter().any(|did| seen.bought.did.contains(did)) && !tickets.is_empty();
    if credited > seen.total || (is_ours && credited != back) {
        wrong.push(format!("{back} went back, and its credit notes are of {credits:?}"));
    }
    wrong
}

/// What is in the books of an order that stands is what its price is made of.
fn in_the_books(seen: &Seen<'_>, rest: &Rest) -> Vec<String> {
    let part = |name: &str| minor(&seen.order["total"][name]);
    let booked = |account: &str| rest.books_of(&seen.bought.id, account).abs();
    let (buyers, tax, fees) = (booked("BUYERS"), booked("TAX"), booked("FEES"));
    let taxes = part("tax") + part("taxIncluded");
    if buyers == seen.total && tax == taxes && fees >= part("fees") {
        return Vec::new();
    }
    vec![format!(
        "the books have {buyers} of its buyer, {tax} of taxes and {fees} of fees, and its price {}",
        seen.order["total"]
    )]
}

/// Whoever has tickets was mailed them once, with what they cost.
fn mailed(seen: &Seen<'_>, mails: &[Mail]) -> Vec<String> {
    let is_of_it = |mail: &&Mail| {
        mail.subject().starts_with("Your ticket") && mail.subject().contains(&seen.bought.number)
    };
    let by_id: BTreeMap<_, _> = mails.iter().filter(is_of_it).map(|mail| (mail.id(), mail)).collect();
    let has_tickets = !list(&seen.order["tickets"]).is_empty();
    // Who has given them back by now may have been spared it.
    let may_be_none =
        !has_tickets || seen.order["status"] == "REFUNDED" || seen.order["status"] == "PARTIALLY_REFUNDED";
    let mut wrong = Vec::new();
    if by_id.len() > usize::from(has_tickets) || (by_id.is_empty() && !may_be_none) {
        wrong.push(format!("{} mails have its tickets", by_id.len()));
    }
    let total = &seen.order["total"]["total"];
    let cost = format!(
        "{} {}",
        total["amount"].as_str().unwrap_or_default(),
        total["currency"].as_str().unwrap_or_default()
    );
    if seen.total > 0 && by_id.values().any(|mail| !mail.text().replace(',', "").contains(&cost)) {
        wrong.push(format!("the mail does not say that it cost {cost}"));
    }
    wrong
}

/// Each mail that was to be sent was, and no other. What is overtaken by something newer is taken back; of that, a mail may
/// have been on its way.
fn once_each(address: &str, mails: &[Mail], rest: &Rest) -> Vec<String> {
    let came: BTreeMap<_, _> = mails.iter().map(|mail| (mail.id(), mail.subject())).collect();
    let is_overtaken = |subject: &&str| OVERTAKEN.iter().any(|start| subject.starts_with(start));
    let overtaken = came.values().filter(|subject| is_overtaken(subject)).count();
    let sent = usize::try_from(rest.mails_to(address)).unwrap_or_default();
    if (came.len() - overtaken..=came.len()).contains(&sent) {
        return Vec::new();
    }
    vec![format!("{sent} mails were sent to {address}, and {} came: {:?}", came.len(), came.values())]
}

fn two_owners(orders: &[(String, Value)]) -> Vec<String> {
    let mut owners = BTreeMap::new();
    let mut wrong = Vec::new();
    for (_, order) in orders {
        for ticket in list(&order["tickets"]).iter().filter(|ticket| ticket["status"] == "VALID") {
            let Some(seat) = ticket["seat"]["id"].as_str() else { continue };
            if let Some(other) = owners.insert(seat, id(ticket)) {
                wrong.push(format!("the seat {seat} has two owners: {other} and {}", id(ticket)));
            }
        }
    }
    wrong
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// An amount in minor units; zero where there is none.
fn minor(money: &Value) -> i64 {
    money["amount"].as_str().and_then(|amount| amount.replace('.', "").parse().ok()).unwrap_or_default()
}

fn short(payment: &Value) -> String {
    let parts = |list: &str| -> Vec<String> {
        let all = payment[list].as_array().into_iter().flatten();
        all.map(|part| format!("{} {}", part["amount"], part["status"])).collect()
    };
    format!(
        "{} {} {} {}, refunds {:?}, disputes {:?}",
        payment["amount"],
        payment["status"],
        payment["paymentMethod"],
        payment["lastError"]["decline_code"],
        parts("refunds"),
        parts("disputes")
    )
}
