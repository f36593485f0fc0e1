//! How each thing is done, and what whoever does it learns of it.

use std::{sync::atomic::Ordering, time::Duration};

use e2e::{Click, Outcome, Person, Refused, organizer::ahead, until};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    act::{Act, Part},
    case::{Bought, Buyer, Cart, Case, Did, PARTS, SETTINGS, id, instant},
    plan::Step,
};

/// How long somebody goes on trying; longer than any fault lasts.
const STUBBORN: Duration = Duration::from_mins(1);
/// How long somebody waits for what is under way, before they do something else.
const PATIENT: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(100);

/// What came of something.
#[derive(Debug)]
pub(crate) enum Came {
    Done,
    /// By a code, or in the words of a page.
    Refused(String),
    /// There was nothing to do it with.
    Nothing,
}

impl Case<'_> {
    /// Does one step.
    pub(crate) async fn performs(&self, step: Step) {
        let buyer = &self.buyers[step.who];
        let key = format!("{} {}", self.plan.seed, step.number);
        let came = match step.act {
            Act::Hold { first, seats, standing } => self.holds(buyer, &key, first, seats, standing).await,
            Act::Extend if !self.stage.can_extend => Came::Nothing,
            Act::Extend => self.with_cart(buyer, "extendReservation", "").await,
            Act::Release => self.with_cart(buyer, "releaseReservation", "").await,
            Act::RemoveCode => self.with_cart(buyer, "removePromoCode", "").await,
            Act::ApplyCode(code) => {
                let code = self.codes[code].1["code"].as_str().unwrap_or_default();
                self.with_cart(buyer, "applyPromoCode", code).await
            }
            Act::CheckOut => self.checks_out(buyer, &key).await,
            Act::Pay(card) => self.pays(buyer, &key, card).await,
            Act::PayTwice => {
                let card = "pm_card_visa";
                tokio::join!(self.pays(buyer, &key, card), self.pays(buyer, &key, card)).0
            }
            Act::OpenThePage => self.opens_the_page(buyer, &key).await,
            Act::OnThePage(choice) => self.on_the_page(buyer, choice.button()).await,
            Act::AtTheBank { agrees, late } => self.at_the_bank(buyer, agrees, late).await,
            Act::LetTimeRunOut => lets_time_run_out(buyer).await,
            Act::GiveUp => self.gives_up(buyer).await,
            Act::PassOn if !self.stage.can_pass_on => Came::Nothing,
            Act::PassOn => self.passes_on(step, &key).await,
            Act::Return(part) => self.refunds(buyer, &buyer.person, &key, part, false).await,
            Act::Refund { part, keeps_places } => {
                self.refunds(buyer, &self.organizer, &key, part, keeps_places).await
            }
            Act::CallOff => self.calls_off(&key).await,
            Act::Reschedule { window } => self.reschedules(&key, window).await,
            Act::ChangeTerms => {
                let mut input = self.plan.sale.asks(&self.plan.sale.after);
                input["organizationId"] = json!(self.organization);
                let done = self
                    .asks(&self.organizer, "updateOrganization", SETTINGS, &json!({ "input": input }))
                    .await;
                self.came(step, done.map(drop))
            }
            Act::RefundInTheDashboard(part) => self.refunds_in_the_dashboard(buyer, part).await,
            Act::BankReturnsRefund => self.bank_returns_a_refund(buyer).await,
            Act::Dispute => self.disputes(buyer).await,
            Act::EndDispute { won } => self.dispute_ends(buyer, won).await,
            Act::Provider(mood) => {
                self.stage.dashboard.switches(&mood.switches()).await;
                Came::Done
            }
            Act::Kill => {
                self.stage.is_killed_and_starts_again().await;
                Came::Done
            }
        };
        self.stage.tally.notes(step.act.name(), &came);
    }

    /// Other seats when somebody was faster.
    async fn holds(&self, buyer: &Buyer, key: &str, first: usize, seats: usize, standing: u32) -> Came {
        let query = "mutation($input: HoldSeatsInput!) { holdSeats(input: $input) { id expiresAt } }";
        let mut came = Came::Nothing;
        for turn in 0..3 {
            let wanted = first + 3 * turn..first + 3 * turn + seats;
            let wanted: Vec<_> =
                wanted.map(|seat| json!({ "seatId": self.seats[seat % self.seats.len()] })).collect();
            let key = format!("{key} {turn}");
            let mut input = json!({ "eventId": self.event, "seats": wanted, "idempotencyKey": key });
            if standing > 0 {
                input["generalAdmission"] = json!([{ "ticketTypeId": self.standing, "quantity": standing }]);
            }
            let held = self.asks(&buyer.person, "holdSeats", query, &json!({ "input": input })).await;
            came = self.learns(held, |held| {
                buyer.knows().cart = Some(Cart { id: id(&held), expires_at: instant(&held["expiresAt"]) });
            });
            if !matches!(&came, Came::Refused(why) if why == "SEATS_UNAVAILABLE") {
                break;
            }
        }
        came
    }

    async fn with_cart(&self, buyer: &Buyer, field: &str, code: &str) -> Came {
        let Some(cart) = buyer.knows().cart.clone() else { return Came::Nothing };
        let (query, variables) = match field {
            "applyPromoCode" => (
                "mutation($input: ApplyPromoCodeInput!) { applyPromoCode(input: $input) { id expiresAt } }"
                    .to_owned(),
                json!({ "input": { "reservationId": cart.id, "code": code } }),
            ),
            "removePromoCode" => (
                "mutation($id: ID!) { removePromoCode(reservationId: $id) { id expiresAt } }".to_owned(),
                json!({ "id": cart.id }),
            ),
            _ => (
                format!("mutation($id: ID!) {{ {field}(id: $id) {{ id expiresAt }} }}"),
                json!({ "id": cart.id }),
            ),
        };
        let done = self.asks(&buyer.person, field, &query, &variables).await;
        self.learns(done, |done| {
            if let Some(known) = buyer.knows().cart.as_mut().filter(|known| known.id == cart.id) {
                known.expires_at = instant(&done["expiresAt"]);
            }
        })
    }

    async fn checks_out(&self, buyer: &Buyer, key: &str) -> Came {
        let Some(cart) = buyer.knows().cart.clone() else { return Came::Nothing };
        let query = format!("query($id: ID!) {{ reservation(id: $id) {{ total {{ {PARTS} }} }} }}");
        let seen = self.asks(&buyer.person, "reservation", &query, &json!({ "id": cart.id })).await;
        let Ok(mut seen) = seen else { return Came::Nothing };
        let query = format!(
            "mutation($input: CheckoutInput!) {{ checkout(input: $input) {{ id number expiresAt total {{ {PARTS} }} }} }}"
        );
        let attendees = json!([{ "name": buyer.person.name, "email": buyer.person.email }]);
        let input = json!({ "reservationId": cart.id, "attendees": attendees, "idempotencyKey": key });
        let ordered = self.asks(&buyer.person, "checkout", &query, &json!({ "input": input })).await;
        self.learns(ordered, |ordered| {
            if ordered["total"] != seen["total"] {
                self.breaks(format!(
                    "the cart {} showed {}, and its order {}",
                    cart.id, seen["total"], ordered["total"]
                ));
            }
            let mut known = buyer.knows();
            known.cart = None;
            known.orders.push(Bought {
                id: id(&ordered),
                number: ordered["number"].as_str().unwrap_or_default().to_owned(),
                shown: seen["total"].take(),
                // Free ones have none.
                expires_at: ordered["expiresAt"]
                    .as_str()
                    .map_or(cart.expires_at, |_| instant(&ordered["expiresAt"])),
                page: None,
                bank: None,
                did: [].into(),
                returned: [].into(),
            });
        })
    }

    async fn pays(&self, buyer: &Buyer, key: &str, card: &str) -> Came {
        let Some(order) = buyer.order() else { return Came::Nothing };
        let query = "mutation($input: PayInput!) { pay(input: $input) { status nextActionUrl } }";
        let input = json!({ "orderId": order.id, "paymentMethod": card, "idempotencyKey": key });
        let paid = self.asks(&buyer.person, "pay", query, &json!({ "input": input })).await;
        self.learns(paid, |paid| {
            buyer.notes(&order.id, |order| {
                if let Some(bank) = paid["nextActionUrl"].as_str() {
                    order.bank = Some(bank.to_owned());
                }
                if paid["status"] == "SUCCEEDED" {
                    order.did.insert(Did::WasPaid);
                }
            });
        })
    }

    async fn opens_the_page(&self, buyer: &Buyer, key: &str) -> Came {
        let Some(order) = buyer.order() else { return Came::Nothing };
        let query =
            "mutation($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { url } }";
        let back = "https://shop.example.test/back";
        let input =
            json!({ "orderId": order.id, "successUrl": back, "cancelUrl": back, "idempotencyKey": key });
        let offered =
            self.asks(&buyer.person, "createCheckoutSession", query, &json!({ "input": input })).await;
        self.learns(offered, |offered| {
            buyer.notes(&order.id, |order| order.page = offered["url"].as_str().map(str::to_owned));
        })
    }

    async fn on_the_page(&self, buyer: &Buyer, button: &str) -> Came {
        let offered = buyer.order_with(|order| order.page.is_some());
        let Some(Bought { id, page: Some(page), .. }) = offered else { return Came::Nothing };
        match self.stage.dashboard.clicks(&format!("{page}/{button}"), "").await {
            Click::Done(to) => {
                if to.contains("/sandbox/authenticate/") {
                    buyer.notes(&id, |order| order.bank = Some(to));
                }
                Came::Done
            }
            Click::Refused(_) => Came::Refused("PAGE".to_owned()),
        }
    }

    async fn at_the_bank(&self, buyer: &Buyer, agrees: bool, late: bool) -> Came {
        let asked = buyer.order_with(|order| order.bank.is_some());
        let Some(Bought { bank: Some(bank), expires_at, .. }) = asked else { return Came::Nothing };
        if late {
            until(expires_at + chrono::Duration::milliseconds(1)).await;
        }
        let decision = if agrees { "approve" } else { "fail" };
        clicked(&self.stage.dashboard.clicks(&format!("{bank}/{decision}"), "").await)
    }

    async fn gives_up(&self, buyer: &Buyer) -> Came {
        let Some(order) = buyer.order() else { return Came::Nothing };
        let query = "mutation($id: ID!) { cancelOrder(id: $id) { id } }";
        let given = self.asks(&buyer.person, "cancelOrder", query, &json!({ "id": order.id })).await;
        self.learns(given, |_| buyer.notes(&order.id, |order| _ = order.did.insert(Did::GaveUp)))
    }

    async fn refunds(&self, buyer: &Buyer, by: &Person, key: &str, part: Part, keeps_places: bool) -> Came {
        let Some((order, mut tickets)) = self.with_tickets(buyer).await else { return Came::Nothing };
        if part == Part::One {
            tickets.truncate(1);
        }
        let query = "mutation($input: RefundOrderInput!) { refundOrder(input: $input) { id } }";
        let mut input = json!({ "orderId": order.id, "ticketIds": tickets, "idempotencyKey": key });
        if keeps_places {
            input["keepPlacesBack"] = json!(true);
        }
        // Tried, though nobody may have said so in the end: then somebody else has asked before.
        buyer.notes(&order.id, |order| _ = order.did.insert(Did::AskedForRefund));
        let done = self.asks(by, "refundOrder", query, &json!({ "input": input })).await;
        self.learns(done, |_| buyer.notes(&order.id, |order| order.returned.extend(tickets)))
    }

    /// A ticket goes to another buyer, who has it from then on where their address is verified.
    async fn passes_on(&self, step: Step, key: &str) -> Came {
        let buyer = &self.buyers[step.who];
        let friend = &self.buyers[(step.who + 1) % self.buyers.len()].person;
        let Some((order, _)) = self.with_tickets(buyer).await else { return Came::Nothing };
        let query = "query($id: ID!) { order(id: $id) { tickets { id transferable } } }";
        let seen =
            self.asks(&buyer.person, "order", query, &json!({ "id": order.id })).await.unwrap_or_default();
        let tickets = seen["tickets"].as_array().cloned().unwrap_or_default();
        let Some(ticket) = tickets.iter().find(|ticket| ticket["transferable"] == true) else {
            return Came::Nothing;
        };
        let query = "mutation($input: TransferTicketInput!) { transferTicket(input: $input) { replacedTicketId ticket { id } } }";
        let input = json!({ "ticketId": id(ticket), "toEmail": friend.email, "toName": friend.name, "idempotencyKey": key });
        let given = self.asks(&buyer.person, "transferTicket", query, &json!({ "input": input })).await;
        self.learns(given, |given| {
            if given["replacedTicketId"] != ticket["id"] || given["ticket"]["id"] == ticket["id"] {
                self.breaks(format!("{ticket} was passed on, and {given} took its place"));
            }
        })
    }

    async fn calls_off(&self, key: &str) -> Came {
        let query = "mutation($input: CancelEventInput!) { cancelEvent(input: $input) { status } }";
        let input = json!({ "eventId": self.event, "reason": "The singer is ill.", "idempotencyKey": key });
        let done = self.asks(&self.organizer, "cancelEvent", query, &json!({ "input": input })).await;
        self.learns(done, |_| self.is_off.store(true, Ordering::Release))
    }

    async fn reschedules(&self, key: &str, window: bool) -> Came {
        let query = "mutation($input: RescheduleEventInput!) { rescheduleEvent(input: $input) { id } }";
        let mut input = json!({
            "eventId": self.event, "startsAt": ahead(40 * 24), "endsAt": ahead(40 * 24 + 3), "reason": "The hall is wet.",
            "idempotencyKey": key,
        });
        if window {
            input["refundableUntil"] = json!(ahead(35 * 24));
        }
        let done = self.asks(&self.organizer, "rescheduleEvent", query, &json!({ "input": input })).await;
        self.learns(done, drop)
    }

    async fn refunds_in_the_dashboard(&self, buyer: &Buyer, part: Part) -> Came {
        let Some((order, payment)) = self.paid(buyer).await else { return Came::Nothing };
        let form = match part {
            Part::All => String::new(),
            // A third, whole in every currency.
            Part::One => format!("amount={}", payment["amount"].as_i64().unwrap_or_default() / 300 * 100),
        };
        buyer.notes(&order, |order| _ = order.did.insert(Did::RefundedElsewhere));
        let address = format!("/sandbox/payments/{}/refund", id(&payment));
        clicked(&self.stage.dashboard.clicks(&address, &form).await)
    }

    async fn bank_returns_a_refund(&self, buyer: &Buyer) -> Came {
        let Some((order, payment)) = self.paid(buyer).await else { return Came::Nothing };
        let refunds = payment["refunds"].as_array().cloned().unwrap_or_default();
        let Some(refund) = refunds.iter().find(|refund| refund["status"] != "failed") else {
            return Came::Nothing;
        };
        let address = format!("/sandbox/refunds/{}/fail", id(refund));
        buyer.notes(&order, |order| _ = order.did.insert(Did::ReturnedByTheBank));
        clicked(&self.stage.dashboard.clicks(&address, "").await)
    }

    async fn disputes(&self, buyer: &Buyer) -> Came {
        let Some((order, payment)) = self.paid(buyer).await else { return Came::Nothing };
        let address = format!("/sandbox/payments/{}/dispute", id(&payment));
        buyer.notes(&order, |order| _ = order.did.insert(Did::Disputed));
        clicked(&self.stage.dashboard.clicks(&address, "").await)
    }

    async fn dispute_ends(&self, buyer: &Buyer, won: bool) -> Came {
        let Some((_, payment)) = self.paid(buyer).await else { return Came::Nothing };
        let disputes = payment["disputes"].as_array().cloned().unwrap_or_default();
        let Some(open) = disputes.iter().find(|dispute| dispute["status"] == "needs_response") else {
            return Came::Nothing;
        };
        let end = if won { "won" } else { "lost" };
        clicked(&self.stage.dashboard.clicks(&format!("/sandbox/disputes/{}/{end}", id(open)), "").await)
    }

    /// The last order of a buyer that has tickets which admit, and those.
    async fn with_tickets(&self, buyer: &Buyer) -> Option<(Bought, Vec<String>)> {
        let orders: Vec<_> = buyer.knows().orders.iter().rev().cloned().collect();
        for order in orders {
            let query = "query($id: ID!) { order(id: $id) { tickets { id status } } }";
            let seen = self
                .asks(&buyer.person, "order", query, &json!({ "id": order.id }))
                .await
                .unwrap_or_default();
            let valid =
                seen["tickets"].as_array().into_iter().flatten().filter(|ticket| ticket["status"] == "VALID");
            let valid: Vec<_> = valid.map(id).collect();
            if !valid.is_empty() {
                return Some((order, valid));
            }
        }
        None
    }

    /// The last order of a buyer that is paid at the provider, and its payment.
    async fn paid(&self, buyer: &Buyer) -> Option<(String, Value)> {
        let orders: Vec<_> =
            buyer.knows().orders.iter().rev().map(|order| (order.id.clone(), order.number.clone())).collect();
        let payments = self.stage.dashboard.payments().await;
        orders.into_iter().find_map(|(order, number)| {
            let of_order = e2e::Dashboard::of_order(&payments, &number);
            Some((order, of_order.into_iter().find(|payment| payment["status"] == "succeeded")?))
        })
    }

    fn came(&self, step: Step, outcome: Result<(), Refused>) -> Came {
        match outcome {
            Ok(()) => Came::Done,
            Err(refused) => self.is_refused(&refused, step.act.name()),
        }
    }

    fn learns(&self, outcome: Outcome, learn: impl FnOnce(Value)) -> Came {
        match outcome {
            Ok(done) => {
                learn(done);
                Came::Done
            }
            Err(refused) => self.is_refused(&refused, "somebody"),
        }
    }

    /// The business may say no; nobody may be told of a fault of ours, or that they asked badly.
    fn is_refused(&self, refused: &Refused, what: &str) -> Came {
        if ["INTERNAL", "UNAUTHENTICATED", "NOT_FOUND"].contains(&refused.code.as_str()) {
            self.breaks(format!("{what} was refused: {refused:?}"));
        }
        Came::Refused(refused.code.clone())
    }

    /// The same again and again while nobody answers, and a while longer as long as something is under way.
    async fn asks(&self, who: &Person, field: &str, query: &str, variables: &Value) -> Outcome {
        let (stubborn, patient) = (Instant::now() + STUBBORN, Instant::now() + PATIENT);
        loop {
            let answer = who.does(field, query, variables.clone()).await;
            match &answer {
                // A try that is over: only another one, with a key of its own, may come further.
                Err(refused) if refused.message.contains("new idempotency key") => return answer,
                Err(refused) if refused.is_passing() => {
                    assert!(Instant::now() < stubborn, "{field}: nobody answers: {refused:?}");
                }
                Err(refused) if refused.is_worth_another_try() && Instant::now() < patient => {}
                _ => return answer,
            }
            sleep(PAUSE).await;
        }
    }
}

fn clicked(click: &Click) -> Came {
    match click {
        Click::Done(_) => Came::Done,
        Click::Refused(_) => Came::Refused("PAGE".to_owned()),
    }
}

async fn lets_time_run_out(buyer: &Buyer) -> Came {
    let cart = buyer.knows().cart.as_ref().map(|cart| cart.expires_at);
    let Some(over) = cart.or_else(|| buyer.order().map(|order| order.expires_at)) else {
        return Came::Nothing;
    };
    until(over + chrono::Duration::milliseconds(1)).await;
    Came::Done
}
