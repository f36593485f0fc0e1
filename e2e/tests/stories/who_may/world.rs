//! Nine people, and what each of them has or may not know of.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use e2e::{Address, Person, Sandbox, Show, anybody, eventually, hall};
use kernel::{Clock as _, SystemClock};
use odysseus::{Embedded, Options, Subgraph};
use reqwest::header::CONTENT_TYPE;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use super::cases::{link, refresh_token};
use crate::id;

/// By whom everything is tried.
pub(crate) const PEOPLE: [&str; 9] = [
    "anonymous",
    "buyer",
    "other buyer",
    "scanner",
    "box office",
    "manager",
    "owner",
    "other owner",
    "operator",
];

/// The platform with something of everything.
pub(crate) struct World {
    pub(crate) platform: Embedded,
    pub(crate) people: BTreeMap<&'static str, Person>,
    pub(crate) show: Show,
    things: BTreeMap<String, String>,
    client: reqwest::Client,
    folder: tempfile::TempDir,
}

impl World {
    /// For what does not go through the graph of the router.
    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// The operator as any other person, once the command has said so.
    pub(crate) async fn is_without_operator(&mut self) {
        let who = self.people.get_mut("operator").unwrap();
        let revoked = operator("revoke", who, self.folder.path());
        assert!(revoked.status.success(), "{}", String::from_utf8_lossy(&revoked.stderr));
        who.logs_in().await.unwrap();
    }

    pub(crate) async fn stops(self) {
        self.platform.stop().await;
    }

    /// What is called so: an id, or a secret.
    pub(crate) fn thing(&self, name: &str) -> &str {
        self.things.get(name).unwrap_or_else(|| panic!("there is no {name}"))
    }

    pub(crate) fn person(&self, name: &str) -> &Person {
        &self.people[name]
    }

    /// A service's own address.
    pub(crate) fn service(&self, name: &str) -> &str {
        let hosted = self.platform.services().iter().find(|hosted| hosted.subgraph.name() == name);
        &hosted.expect("every service runs").url
    }

    pub(crate) async fn made() -> Self {
        // Who runs the platform brings the process's own cryptography; here that is the test.
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = tempfile::tempdir().unwrap();
        let platform = Box::pin(Embedded::start(Options::bare(folder.path()))).await.unwrap();
        let address = Address::at(platform.url());
        let sandbox = Sandbox::at(address.clone());
        let mut people = BTreeMap::from([("anonymous", anybody(&address))]);
        for name in PEOPLE.into_iter().filter(|name| *name != "anonymous") {
            people.insert(name, Person::registers(&address, name).await.unwrap());
        }
        let show = people["owner"].puts_on("Winter Journey").await.unwrap();
        for (name, role) in [("scanner", "SCANNER"), ("box office", "BOX_OFFICE"), ("manager", "MANAGER")] {
            people["owner"].invites(&show.organization, &people[name], role).await.unwrap();
            people[name].accepts_the_invitation(&sandbox).await.unwrap();
        }
        people["other owner"].puts_on("Another Evening").await.unwrap();
        becomes_operator(people.get_mut("operator").unwrap(), &sandbox, folder.path()).await;
        let mut world =
            Self { platform, people, show, things: BTreeMap::new(), client: reqwest::Client::new(), folder };
        world.things = things_of(&world, &sandbox).await;
        world
    }
}

/// By the command that people use, beside the running platform.
async fn becomes_operator(who: &mut Person, sandbox: &Sandbox, data: &Path) {
    let refused = operator("grant", who, data);
    assert!(!refused.status.success(), "an address that nobody has verified is nobody's");
    let token = who.is_mailed_a_link(sandbox, "/account/verify").await;
    let query = "mutation($token: String!) { verifyEmail(token: $token) { id } }";
    who.does("verifyEmail", query, json!({ "token": token })).await.unwrap();
    let granted = operator("grant", who, data);
    assert!(granted.status.success(), "{}", String::from_utf8_lossy(&granted.stderr));
    who.logs_in().await.unwrap();
}

fn operator(action: &str, who: &Person, data: &Path) -> Output {
    let program = env!("CARGO_BIN_EXE_platform-under-test");
    let words = ["operator", action, &who.email, "--data", data.to_str().unwrap()];
    Command::new(program).args(words).output().unwrap()
}

async fn things_of(world: &World, sandbox: &Sandbox) -> BTreeMap<String, String> {
    let (show, owner, buyer) = (&world.show, world.person("owner"), world.person("buyer"));
    let (organization, event) = (&show.organization, &show.event);
    let mut things = BTreeMap::new();
    let mut keep = |name: &str, made: &Value| things.insert(name.to_owned(), id(made).to_owned());
    let venue = owner.creates_venue(organization, "Not yet announced").await.unwrap();
    let layout = owner.creates_layout(id(&venue), hall()).await.unwrap();
    keep("hidden venue", &venue);
    keep("layout nobody has shown", &owner.creates_layout(&show.venue, hall()).await.unwrap());
    keep("hidden layout", &layout);
    let draft = owner.creates_event(organization, id(&venue), id(&layout), "Draft").await.unwrap();
    keep("draft", &draft);
    keep(
        "draft's type",
        &owner.creates_ticket_type(id(&draft), "Secret", &["STALLS"], "10.00").await.unwrap(),
    );
    // What shows a venue and a plan to everybody is elsewhere.
    for (name, title) in [("draft to publish", "To be published"), ("draft to call off", "To be called off")]
    {
        keep(name, &owner.creates_event(organization, &show.venue, &show.layout, title).await.unwrap());
    }
    keep("event to move", &creates_event_to_move(owner, show).await);
    keep("hidden type", &creates_hidden_type(owner, event).await);
    keep("promo code", &creates_promo_code(owner, event).await);
    let seats = buyer.sees_free_seats(event, 16).await.unwrap();
    keep("entry of the waiting list", &waits_for_what_is_sold_out(owner, buyer, event).await);
    let bought = buyer.orders(event, &seats[..1]).await.unwrap();
    buyer.pays(id(&bought), "pm_card_visa").await.unwrap();
    let bought = buyer.waits_for(id(&bought), &["COMPLETED"]).await;
    keep("order", &bought);
    keep("ticket", &bought["tickets"][0]);
    keep("payment", &bought["payment"]);
    keep("order to pay", &buyer.orders(event, &seats[1..2]).await.unwrap());
    let unwanted = buyer.orders(event, &seats[6..7]).await.unwrap();
    buyer.pays(id(&unwanted), "pm_card_visa").await.unwrap();
    keep("order to give back", &buyer.waits_for(id(&unwanted), &["COMPLETED"]).await);
    let given = buyer.orders(event, &seats[12..13]).await.unwrap();
    buyer.pays(id(&given), "pm_card_visa").await.unwrap();
    keep("ticket to pass on", &buyer.waits_for(id(&given), &["COMPLETED"]).await["tickets"][0]);
    keep("reservation to change", &buyer.holds(event, &seats[13..14]).await.unwrap());
    keep("order to give up", &buyer.orders(event, &seats[2..3]).await.unwrap());
    keep("reservation", &buyer.holds(event, &seats[3..4]).await.unwrap());
    keep("reservation to release", &buyer.holds(event, &seats[4..5]).await.unwrap());
    keep("reservation to check out", &buyer.holds(event, &seats[5..6]).await.unwrap());
    keep("reservation to price", &buyer.holds(event, &seats[9..10]).await.unwrap());
    keep("reservation to extend", &buyer.holds(event, &seats[11..12]).await.unwrap());
    keep("order to pay on a page", &buyer.orders(event, &seats[10..11]).await.unwrap());
    things
        .insert("ticket's secret".to_owned(), bought["tickets"][0]["qrPayload"].as_str().unwrap().to_owned());
    things.insert("free seat".to_owned(), seats[8].clone());
    things.insert("webhook put aside".to_owned(), puts_a_webhook_aside(world).await);
    things.insert("buyer's message".to_owned(), message_of(buyer).await);
    let phone = "mutation { updateProfile(input: { phone: \"+43 1 234 5678\" }) { id } }";
    buyer.does("updateProfile", phone, json!({})).await.unwrap();
    // Somebody who belongs to the house, and is to leave it.
    let leaver = Person::registers(buyer.address(), "Leaver").await.unwrap();
    owner.invites(organization, &leaver, "SCANNER").await.unwrap();
    leaver.accepts_the_invitation(sandbox).await.unwrap();
    things.insert("leaver".to_owned(), leaver.id.clone());
    // One invitation to take back, and one that is answered.
    let invited = Person::registers(buyer.address(), "Invited").await.unwrap();
    let query = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { invitations { id } } }";
    let input = json!({ "organizationId": organization, "email": invited.email, "role": "SCANNER" });
    let made = owner.does("inviteMember", query, json!({ "input": input })).await.unwrap();
    things.insert("invitation".to_owned(), id(&made["invitations"][0]).to_owned());
    let elsewhere = world.person("other owner").creates_organization("A Third House").await.unwrap();
    let other = world.person("other buyer");
    world.person("other owner").invites(id(&elsewhere), other, "SCANNER").await.unwrap();
    things.insert(
        "invitation's secret".to_owned(),
        other.is_mailed_a_link(sandbox, "/account/invitation").await,
    );
    for name in PEOPLE {
        let who = if name == "anonymous" { &invited } else { world.person(name) };
        things.insert(name.to_owned(), who.id.clone());
        things.insert(link(name), who.is_mailed_a_link(sandbox, "/account/verify").await);
        for nth in 0..4 {
            things.insert(refresh_token(name, nth), logs_in(who).await);
        }
    }
    things.insert("picture".to_owned(), sends_a_picture(world, owner, event).await);
    let reported = async || owner.reads_sales(event).await.ok().filter(|sales| sales["ticketsSold"] == 3);
    eventually("sales are reported", reported).await;
    things.insert("organization".to_owned(), organization.clone());
    things.insert("venue".to_owned(), show.venue.clone());
    things.insert("event".to_owned(), event.clone());
    things.insert("open type".to_owned(), show.floor.clone());
    things
}

/// A picture of one dot.
pub(crate) fn a_dot() -> Vec<u8> {
    let text =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    BASE64_STANDARD.decode(text).expect("it is base64")
}

/// Gives an event a picture: the picture's id.
async fn sends_a_picture(world: &World, owner: &Person, event: &str) -> String {
    let url = format!("{}/api/events/v1/events/{event}/image?altText=A%20dot", world.platform.url());
    let request = world.client().put(url).bearer_auth(owner.token().expect("an owner is logged in"));
    let answer = request.header(CONTENT_TYPE, "image/png").body(a_dot()).send().await.unwrap();
    let image: Value = answer.json().await.unwrap();
    id(&image).to_owned()
}

/// A published event beside the show.
async fn creates_event_to_move(owner: &Person, show: &Show) -> Value {
    let made =
        owner.creates_event(&show.organization, &show.venue, &show.layout, "To be moved").await.unwrap();
    owner.publishes(id(&made)).await.unwrap()
}

/// What Stripe told of a payment that nobody here knows: the event's id.
async fn puts_a_webhook_aside(world: &World) -> String {
    let id = "evt_of_a_payment_of_others";
    let told = json!({
        "id": id, "object": "event", "type": "refund.created", "created": 1_700_000_000, "livemode": false,
        "api_version": "2026-09-30.endive", "pending_webhooks": 1, "request": null,
        "data": { "object": {
            "id": "re_of_others", "object": "refund", "amount": 1200, "created": 1_700_000_000, "currency": "eur",
            "metadata": {}, "payment_intent": "pi_of_others", "status": "succeeded",
        } },
    });
    let database = world.platform.database(Subgraph::Payments).expect("payments runs");
    let put = "INSERT INTO parked_events (id, kind, body, reason, parked_at) VALUES ($1, $2, $3, $4, $5)";
    let values = [
        id.into(),
        "refund.created".into(),
        told.to_string().into(),
        "its payment is not known".into(),
        SystemClock.now().timestamp_millis().into(),
    ];
    let put = Statement::from_sql_and_values(database.writes.get_database_backend(), put, values);
    database.writes.execute_raw(put).await.unwrap();
    id.to_owned()
}

async fn creates_promo_code(owner: &Person, event: &str) -> Value {
    let query = "mutation($input: CreatePromoCodeInput!) { createPromoCode(input: $input) { id } }";
    let input = json!({ "eventId": event, "code": "WELCOME", "percentOff": "10" });
    owner.does("createPromoCode", query, json!({ "input": input })).await.unwrap()
}

async fn creates_hidden_type(owner: &Person, event: &str) -> Value {
    let query = "mutation($input: CreateTicketTypeInput!) { createTicketType(input: $input) { id } }";
    let input = json!({
        "eventId": event, "name": "Friends", "sections": ["FLOOR"], "accessCode": "OPEN SESAME",
        "price": { "amount": "5.00", "currency": "EUR" }, "idempotencyKey": "friends",
    });
    owner.does("createTicketType", query, json!({ "input": input })).await.unwrap()
}

/// A type of one place, which somebody has, and the buyer's entry of its waiting list.
async fn waits_for_what_is_sold_out(owner: &Person, buyer: &Person, event: &str) -> Value {
    let query = "mutation($input: CreateTicketTypeInput!) { createTicketType(input: $input) { id } }";
    let input = json!({
        "eventId": event, "name": "The last place", "sections": ["FLOOR"], "quota": 1,
        "price": { "amount": "9.00", "currency": "EUR" }, "idempotencyKey": "the last place",
    });
    let last = owner.does("createTicketType", query, json!({ "input": input })).await.unwrap();
    owner.holds_standing(event, id(&last), 1).await.unwrap();
    let query = "mutation($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { id } }";
    let input = json!({ "eventId": event, "ticketTypeIds": [id(&last)], "quantity": 1 });
    buyer.does("joinWaitlist", query, json!({ "input": input })).await.unwrap()
}

/// A refresh token of a new session.
async fn logs_in(who: &Person) -> String {
    let query = "mutation($input: LoginInput!) { login(input: $input) { refreshToken } }";
    let input = json!({ "email": who.email, "password": who.password() });
    let session = who.does("login", query, json!({ "input": input })).await.unwrap();
    session["refreshToken"].as_str().unwrap().to_owned()
}

async fn message_of(buyer: &Person) -> String {
    eventually("the buyer is told", async || {
        let query = "query { notifications(channel: IN_APP) { nodes { id } } }";
        let told = buyer.does("notifications", query, json!({})).await.ok()?;
        told["nodes"][0]["id"].as_str().map(str::to_owned)
    })
    .await
}
