//! A sale with its people, and what each of them knows.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
};

use chrono::{DateTime, Utc};
use e2e::{Person, organizer, seat_ids};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::{plan::Plan, sale::Sale, stage::Stage};

/// What a price is made of.
pub(crate) const PARTS: &str = "subtotal { amount } discount { amount } fees { amount } tax { amount } taxIncluded { amount } \
                                total { amount currency } discounts { code }";

/// A sale that is under way.
pub(crate) struct Case<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) plan: Plan,
    pub(crate) organizer: Person,
    pub(crate) organization: String,
    pub(crate) event: String,
    pub(crate) seats: Vec<String>,
    pub(crate) standing: String,
    pub(crate) buyers: Vec<Buyer>,
    /// The ids of promo codes, and what their inputs said.
    pub(crate) codes: Vec<(String, Value)>,
    /// True once the organizer was told that the event is off.
    pub(crate) is_off: AtomicBool,
    broken: Mutex<Vec<String>>,
}

/// Somebody who buys.
pub(crate) struct Buyer {
    pub(crate) person: Person,
    known: Mutex<Known>,
}

/// What somebody has been told.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) cart: Option<Cart>,
    pub(crate) orders: Vec<Bought>,
}

/// Places that are set aside.
#[derive(Clone)]
pub(crate) struct Cart {
    pub(crate) id: String,
    pub(crate) expires_at: DateTime<Utc>,
}

/// An order, and what was done with it.
#[derive(Clone)]
pub(crate) struct Bought {
    pub(crate) id: String,
    pub(crate) number: String,
    /// What the cart had shown just before.
    pub(crate) shown: Value,
    pub(crate) expires_at: DateTime<Utc>,
    /// Where the provider's page is.
    pub(crate) page: Option<String>,
    /// Where the bank asks.
    pub(crate) bank: Option<String>,
    pub(crate) did: BTreeSet<Did>,
    /// Tickets that were accepted to be given back.
    pub(crate) returned: BTreeSet<String>,
}

/// What was done with an order, and accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Did {
    /// The buyer was told that it is paid.
    WasPaid,
    GaveUp,
    AskedForRefund,
    RefundedElsewhere,
    ReturnedByTheBank,
    Disputed,
}

impl Buyer {
    pub(crate) fn knows(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The order that they made last.
    pub(crate) fn order(&self) -> Option<Bought> {
        self.order_with(|_| true)
    }

    /// The last of their orders of which that is so.
    pub(crate) fn order_with(&self, is_so: impl Fn(&Bought) -> bool) -> Option<Bought> {
        self.knows().orders.iter().rev().find(|order| is_so(order)).cloned()
    }

    /// Notes something of an order.
    pub(crate) fn notes(&self, order: &str, note: impl FnOnce(&mut Bought)) {
        if let Some(bought) = self.knows().orders.iter_mut().find(|bought| bought.id == order) {
            note(bought);
        }
    }
}

impl<'a> Case<'a> {
    /// Puts everything on sale that the plan needs, while nothing is broken.
    pub(crate) async fn opens(stage: &'a Stage, plan: Plan) -> Self {
        let name = stage.fresh_name(plan.seed);
        let organizer = Person::registers(&stage.address, &format!("Olga {name}")).await.unwrap();
        let organization = id(&organizer.creates_organization(&format!("{name} presents")).await.unwrap());
        let mut settings = plan.sale.promises();
        merge(&mut settings, &plan.sale.asks(&plan.sale.before));
        settings["organizationId"] = json!(organization);
        organizer.does("updateOrganization", SETTINGS, json!({ "input": settings })).await.unwrap();
        let venue = id(&organizer.creates_venue(&organization, "Konzerthaus").await.unwrap());
        let layout = id(&organizer.creates_layout(&venue, Sale::house()).await.unwrap());
        let mut draft = organizer::event(&organization, &venue, &layout, &format!("Evening {name}"));
        draft["currency"] = json!(plan.sale.prices.currency);
        let query = "mutation($input: CreateEventInput!) { createEvent(input: $input) { id } }";
        let event = id(&organizer.does("createEvent", query, json!({ "input": draft })).await.unwrap());
        let mut types = Vec::new();
        for (name, section, price) in plan.sale.ticket_types() {
            let query = "mutation($input: CreateTicketTypeInput!) { createTicketType(input: $input) { id } }";
            let input = json!({ "eventId": event, "name": name, "sections": [section], "price": price });
            types.push(id(&organizer
                .does("createTicketType", query, json!({ "input": input }))
                .await
                .unwrap()));
        }
        organizer.publishes(&event).await.unwrap();
        let mut codes = Vec::new();
        for (_, mut input) in plan.sale.codes() {
            let query = "mutation($input: CreatePromoCodeInput!) { createPromoCode(input: $input) { id } }";
            input["eventId"] = json!(event);
            let made = organizer.does("createPromoCode", query, json!({ "input": input })).await.unwrap();
            codes.push((id(&made), input));
        }
        let seats = seat_ids(&organizer.sees_seat_map(&event).await.unwrap());
        let arrivals = (0..plan.buyers).map(async |number| {
            let person = Person::registers(&stage.address, &format!("Buyer {number} {name}")).await.unwrap();
            Buyer { person, known: Mutex::default() }
        });
        let buyers = join_all(arrivals).await;
        let standing = types.pop().expect("there are two");
        Self {
            stage,
            plan,
            organizer,
            organization,
            event,
            seats,
            standing,
            buyers,
            codes,
            is_off: AtomicBool::new(false),
            broken: Mutex::default(),
        }
    }

    /// Does everything that is planned.
    pub(crate) async fn runs(&self) {
        for group in &self.plan.groups {
            join_all(group.iter().map(|step| Box::pin(self.performs(*step)))).await;
        }
    }

    /// Something happened that never may.
    pub(crate) fn breaks(&self, what: String) {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    /// All of that.
    pub(crate) fn broken(&self) -> Vec<String> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

pub(crate) const SETTINGS: &str =
    "mutation($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { id } }";

/// Puts the fields of another object into this one.
pub(crate) fn merge(into: &mut Value, more: &Value) {
    for (name, value) in more.as_object().into_iter().flatten() {
        into[name].clone_from(value);
    }
}

/// The id of what was made.
pub(crate) fn id(made: &Value) -> String {
    made["id"].as_str().expect("whatever is made has an id").to_owned()
}

/// An instant as the platform named it.
pub(crate) fn instant(text: &Value) -> DateTime<Utc> {
    text.as_str().and_then(|text| text.parse().ok()).expect("an instant in RFC 3339")
}
