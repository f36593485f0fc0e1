//! The least that each root field has to be given, and about what. Who gets in is no part of it: the schema says that.

use e2e::organizer;
use serde_json::{Value, json};

use super::world::World;

/// One try of somebody.
pub(crate) struct Call<'w> {
    pub(crate) world: &'w World,
    /// Who tries.
    pub(crate) name: &'static str,
    /// About what: the id of the thing, or one of nothing.
    pub(crate) id: String,
}

impl Call<'_> {
    fn of(&self, thing: &str) -> &str {
        self.world.thing(thing)
    }

    /// With what somebody logs in; who has no account takes another's.
    pub(crate) fn credentials(&self) -> Value {
        let who = if self.name == "anonymous" { "buyer" } else { self.name };
        let person = self.world.person(who);
        json!({ "email": person.email, "password": person.password() })
    }
}

/// A text that nobody has used yet.
fn fresh() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// About what something is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    /// What it is called.
    pub(crate) thing: &'static str,
    /// Who knows that it is there; to all others it has to answer like nothing.
    pub(crate) seen_by: &'static [&'static str],
    /// True when its access is that of what is hidden.
    pub(crate) hidden: bool,
}

const EVERYBODY: &[&str] = &super::world::PEOPLE;
const HOUSE: &[&str] = &["scanner", "box office", "manager", "owner", "operator"];

pub(crate) const fn public(thing: &'static str) -> About {
    About { thing, seen_by: EVERYBODY, hidden: false }
}

pub(crate) const fn hidden(thing: &'static str) -> About {
    About { thing, seen_by: HOUSE, hidden: true }
}

pub(crate) const fn seen_by(thing: &'static str, seen_by: &'static [&'static str]) -> About {
    About { thing, seen_by, hidden: false }
}

const SOLD: &[&str] = &["buyer", "manager", "owner", "operator"];
const SELLERS: &[&str] = &["manager", "owner"];
const OPERATOR: &[&str] = &["operator"];
pub(crate) const PROMO_CODE: About = seen_by("promo code", SELLERS);
const BUYER: &[&str] = &["buyer"];

pub(crate) const EVENT: About = public("event");
pub(crate) const DRAFT: About = hidden("draft");
pub(crate) const HIDDEN_LAYOUT: About = hidden("hidden layout");
pub(crate) const ORDER: About = seen_by("order", SOLD);
pub(crate) const TICKET: About = seen_by("ticket", SOLD);
pub(crate) const WAITING: About = seen_by("entry of the waiting list", BUYER);

/// How something is tried.
pub(crate) struct Case {
    /// The root field.
    pub(crate) field: &'static str,
    /// About what.
    pub(crate) about: Option<About>,
    /// What it is given.
    pub(crate) arguments: fn(&Call<'_>) -> Value,
    /// What is wanted of the answer, where it is more than its type's name.
    pub(crate) selection: &'static str,
    /// Who has the secret, where one is taken; whose it is, where it is somebody's own.
    pub(crate) holders: &'static [&'static str],
}

const fn case(field: &'static str, about: Option<About>, arguments: fn(&Call<'_>) -> Value) -> Case {
    Case { field, about, arguments, selection: "", holders: EVERYBODY }
}

const fn own(field: &'static str, arguments: fn(&Call<'_>) -> Value) -> Case {
    case(field, None, arguments)
}

/// One that takes a secret which none of the nine has, or an id of what none of them has.
const fn of_nobody(field: &'static str, arguments: fn(&Call<'_>) -> Value) -> Case {
    Case { holders: &[], ..own(field, arguments) }
}

/// What is given of an id alone.
fn id(call: &Call<'_>) -> Value {
    json!({ "id": call.id })
}

fn event_id(call: &Call<'_>) -> Value {
    json!({ "eventId": call.id })
}

fn nothing(_: &Call<'_>) -> Value {
    json!({})
}

pub(crate) const QUERIES: &[Case] = &[
    case("event", Some(EVENT), id),
    case("event", Some(DRAFT), id),
    Case {
        selection: "{ nodes { id } }",
        ..case(
            "events",
            Some(DRAFT),
            |call| json!({ "filter": { "statuses": ["DRAFT"], "organizationId": call.of("organization") } }),
        )
    },
    case("venue", Some(public("venue")), id),
    case("venue", Some(hidden("hidden venue")), id),
    own("notifications", nothing),
    own("paymentSettings", nothing),
    own("moneyHealth", nothing),
    own("now", nothing),
    own("signInProviders", nothing),
    own("eventSuggestions", |_| json!({ "prefix": "win" })),
    case("order", Some(ORDER), id),
    case("reservation", Some(seen_by("reservation", BUYER)), id),
    case("seatMapChanges", Some(EVENT), |call| json!({ "eventId": call.id, "since": 0 })),
    case("seatMapChanges", Some(DRAFT), |call| json!({ "eventId": call.id, "since": 0 })),
    case("ticket", Some(TICKET), id),
    own("me", nothing),
    case("organization", Some(public("organization")), id),
    case("node", Some(public("organization")), id),
];

pub(crate) const MUTATIONS: &[Case] = &[
    case("updateEvent", Some(DRAFT), |call| json!({ "input": { "eventId": call.id, "title": "Draft" } })),
    case("publishEvent", Some(hidden("draft to publish")), id),
    case(
        "cancelEvent",
        Some(hidden("draft to call off")),
        |call| json!({ "input": { "eventId": call.id, "reason": "Because" } }),
    ),
    case(
        "createVenue",
        Some(public("organization")),
        |call| json!({ "input": organizer::venue(&call.id, "Mine") }),
    ),
    case(
        "createVenueLayout",
        Some(hidden("hidden venue")),
        |call| json!({ "input": { "venueId": call.id, "name": "Usual", "sections": e2e::hall() } }),
    ),
    case("createEvent", Some(public("organization")), |call| {
        let show = &call.world.show;
        json!({ "input": organizer::event(&call.id, &show.venue, &show.layout, "Mine") })
    }),
    Case { holders: BUYER, ..case("markNotificationRead", Some(seen_by("buyer's message", BUYER)), id) },
    own("markAllNotificationsRead", nothing),
    own(
        "setNotificationPreferences",
        |_| json!({ "input": { "entries": [{ "kind": "ORDER_EXPIRED", "channel": "IN_APP", "enabled": false }] } }),
    ),
    case(
        "pay",
        Some(seen_by("order to pay", SOLD)),
        |call| json!({ "input": { "orderId": call.id, "paymentMethod": "pm_card_visa", "idempotencyKey": fresh() } }),
    ),
    case("replayWebhook", Some(seen_by("webhook put aside", OPERATOR)), id),
    case("cancelOrder", Some(seen_by("order to give up", SOLD)), id),
    case(
        "refundOrder",
        Some(seen_by("order to give back", SOLD)),
        |call| json!({ "input": { "orderId": call.id, "idempotencyKey": fresh() } }),
    ),
    case("rescheduleEvent", Some(public("event to move")), |call| {
        let (starts, ends) = (organizer::ahead(900), organizer::ahead(903));
        json!({ "input": { "eventId": call.id, "startsAt": starts, "endsAt": ends, "reason": "Because" } })
    }),
    case(
        "arrangeEventImages",
        Some(DRAFT),
        |call| json!({ "input": { "eventId": call.id, "imageIds": [] } }),
    ),
    case(
        "removeEventImage",
        Some(DRAFT),
        |call| json!({ "eventId": call.id, "imageId": call.of("picture") }),
    ),
    case("createPromoCode", Some(EVENT), promo_code),
    case("createPromoCode", Some(DRAFT), promo_code),
    case(
        "updatePromoCode",
        Some(PROMO_CODE),
        |call| json!({ "input": { "promoCodeId": call.id, "active": true } }),
    ),
    case(
        "applyPromoCode",
        Some(seen_by("reservation to price", BUYER)),
        |call| json!({ "input": { "reservationId": call.id, "code": "WELCOME" } }),
    ),
    case(
        "removePromoCode",
        Some(seen_by("reservation to price", BUYER)),
        |call| json!({ "reservationId": call.id }),
    ),
    case("createCheckoutSession", Some(seen_by("order to pay on a page", SOLD)), |call| {
        let (success, cancel) = ("https://shop.example/thanks", "https://shop.example/basket");
        json!({ "input": { "orderId": call.id, "successUrl": success, "cancelUrl": cancel, "idempotencyKey": fresh() } })
    }),
    case("checkIn", Some(EVENT), scan),
    case("checkIn", Some(DRAFT), scan),
    case("checkout", Some(seen_by("reservation to check out", BUYER)), |call| {
        let attendees = json!([{ "name": "Bea", "email": "bea@example.test" }]);
        json!({ "input": { "reservationId": call.id, "attendees": attendees, "idempotencyKey": fresh() } })
    }),
    case("createTicketType", Some(EVENT), ticket_type),
    case("createTicketType", Some(DRAFT), ticket_type),
    case("holdSeats", Some(EVENT), |call| {
        let standing = json!([{ "ticketTypeId": call.of("open type"), "quantity": 1 }]);
        json!({ "input": { "eventId": call.id, "generalAdmission": standing, "idempotencyKey": fresh() } })
    }),
    case("holdBestAvailable", Some(EVENT), |call| {
        let wanted = call.of("open type");
        json!({ "input": { "eventId": call.id, "ticketTypeId": wanted, "quantity": 1, "idempotencyKey": fresh() } })
    }),
    case("changeReservation", Some(seen_by("reservation to change", BUYER)), |call| {
        let places = json!([{ "ticketTypeId": call.of("open type"), "quantity": 1 }]);
        json!({ "input": { "reservationId": call.id, "addPlaces": places, "idempotencyKey": fresh() } })
    }),
    case(
        "setSeatingRules",
        Some(EVENT),
        |call| json!({ "input": { "eventId": call.id, "orphanSeatRule": false } }),
    ),
    case("joinWaitlist", Some(EVENT), |call| {
        let wanted = [call.of("open type")];
        json!({ "input": { "eventId": call.id, "ticketTypeIds": wanted, "quantity": 1 } })
    }),
    case(
        "acceptWaitlistOffer",
        Some(WAITING),
        |call| json!({ "input": { "entryId": call.id, "idempotencyKey": fresh() } }),
    ),
    case("leaveWaitlist", Some(WAITING), id),
    // Whoever is told that this is no address got in.
    own(
        "claimOrder",
        |_| json!({ "input": { "number": "ODY-2345-6789", "email": "nonsense", "token": fresh() } }),
    ),
    case(
        "renameTicketHolder",
        Some(TICKET),
        |call| json!({ "input": { "ticketId": call.id, "holderName": "Bea" } }),
    ),
    case("transferTicket", Some(seen_by("ticket to pass on", SOLD)), |call| {
        let to = format!("{}@example.test", fresh());
        json!({ "input": { "ticketId": call.id, "toEmail": to, "toName": "Friend", "idempotencyKey": fresh() } })
    }),
    case("extendReservation", Some(seen_by("reservation to extend", BUYER)), id),
    case("releaseReservation", Some(seen_by("reservation to release", BUYER)), id),
    case("setSeatsBlocked", Some(EVENT), |call| {
        let seats = [call.of("free seat")];
        json!({ "input": { "eventId": call.id, "seatIds": seats, "blocked": true } })
    }),
    Case {
        holders: &["other buyer"],
        ..own("acceptInvitation", |call| json!({ "token": call.of("invitation's secret") }))
    },
    own("createOrganization", |_| json!({ "input": { "name": fresh() } })),
    case(
        "updateOrganization",
        Some(public("organization")),
        |call| json!({ "input": { "organizationId": call.id, "payoutDelayDays": 7 } }),
    ),
    case("inviteMember", Some(public("organization")), |call| {
        let email = format!("{}@example.test", fresh());
        json!({ "input": { "organizationId": call.id, "email": email, "role": "SCANNER" } })
    }),
    own("continueAsGuest", |_| json!({ "input": { "email": format!("{}@example.test", fresh()) } })),
    own("login", |call| json!({ "input": call.credentials() })),
    own("refreshSession", |call| json!({ "refreshToken": call.of(&refresh_token(call.name, 0)) })),
    own("logout", |call| json!({ "refreshToken": call.of(&refresh_token(call.name, 1)) })),
    own("register", |_| {
        let email = format!("{}@example.test", fresh());
        json!({ "input": { "email": email, "password": "correct horse battery", "name": "New" } })
    }),
    Case {
        // Whose it is, is none of the nine.
        holders: &[],
        ..case(
            "removeMember",
            Some(public("organization")),
            |call| json!({ "input": { "organizationId": call.id, "userId": call.of("leaver") } }),
        )
    },
    own("requestEmailVerification", nothing),
    case("revokeInvitation", Some(seen_by("invitation", &["manager", "owner", "operator"])), id),
    own("updateProfile", |_| json!({ "input": { "locale": "en" } })),
    own("verifyEmail", |call| json!({ "token": call.of(&link(call.name)) })),
    own("requestPasswordReset", |_| json!({ "email": format!("{}@example.test", fresh()) })),
    of_nobody("resetPassword", |_| json!({ "token": A_SECRET, "newPassword": "correct horse battery" })),
    // Whoever is told that this is no password, no code or no address, got in.
    own("changePassword", |_| json!({ "input": { "newPassword": "short" } })),
    own("changeEmail", |_| json!({ "input": { "newEmail": "nonsense" } })),
    own("deleteAccount", |_| json!({ "password": "" })),
    of_nobody("confirmEmailChange", |_| json!({ "token": A_SECRET })),
    own("cancelEmailChange", nothing),
    of_nobody("completeLogin", |_| json!({ "input": { "challenge": A_SECRET, "code": "123456" } })),
    own("beginTotp", nothing),
    own("confirmTotp", |_| json!({ "input": { "challenge": A_SECRET, "code": "123456" } })),
    own("renewRecoveryCodes", |_| json!({ "proof": { "code": "123456" } })),
    own("removeSecondFactor", |_| json!({ "id": format!("fac_{}", fresh()), "proof": { "code": "123456" } })),
    own("beginPasskey", nothing),
    own("finishPasskey", |_| json!({ "input": { "challenge": A_SECRET, "answer": "{}" } })),
    own("beginPasskeySignIn", nothing),
    of_nobody("finishPasskeySignIn", |_| json!({ "input": { "challenge": A_SECRET, "answer": AN_ANSWER } })),
    own("beginForeignSignIn", |_| json!({ "provider": "sandbox" })),
    of_nobody("finishForeignSignIn", foreign),
    of_nobody("linkForeignAccount", foreign),
    own(
        "unlinkForeignAccount",
        |_| json!({ "id": format!("fga_{}", fresh()), "proof": { "code": "123456" } }),
    ),
    of_nobody("revokeSession", |_| json!({ "id": format!("ses_{}", fresh()) })),
    // It ends those by which others are tried.
    own("revokeOtherSessions", nothing),
];

/// One that opens nothing.
const A_SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Of a device that nobody knows.
const AN_ANSWER: &str = r#"{"id":"AAAA","rawId":"AAAA","type":"public-key","extensions":{},"response":{"authenticatorData":"AAAA","clientDataJSON":"AAAA","signature":"AAAA","userHandle":null}}"#;

fn foreign(_: &Call<'_>) -> Value {
    json!({ "input": { "challenge": A_SECRET, "state": "state", "code": "code" } })
}

pub(crate) const SUBSCRIPTIONS: &[Case] = &[
    case("salesChanged", Some(EVENT), event_id),
    case("salesChanged", Some(DRAFT), event_id),
    case("orderChanged", Some(ORDER), id),
    case("reservationChanged", Some(seen_by("reservation", BUYER)), id),
    case("eventCancellationChanged", Some(EVENT), event_id),
    case("eventCancellationChanged", Some(DRAFT), event_id),
    case("seatMapChanged", Some(EVENT), event_id),
    case("seatMapChanged", Some(DRAFT), event_id),
    own("notificationReceived", nothing),
];

fn scan(call: &Call<'_>) -> Value {
    json!({ "input": { "eventId": call.id, "code": "ODY1.nonsense" } })
}

fn promo_code(call: &Call<'_>) -> Value {
    json!({ "input": { "eventId": call.id, "code": &fresh()[..12], "percentOff": "10" } })
}

fn ticket_type(call: &Call<'_>) -> Value {
    let price = json!({ "amount": "7.00", "currency": "EUR" });
    json!({ "input": { "eventId": call.id, "name": fresh(), "sections": ["FLOOR"], "price": price } })
}

/// What the nth of somebody's refresh tokens is called.
pub(crate) fn refresh_token(name: &str, nth: usize) -> String {
    format!("{name}'s refresh token {nth}")
}

/// What the secret is called that shows somebody's address to be theirs.
pub(crate) fn link(name: &str) -> String {
    format!("{name}'s link")
}
