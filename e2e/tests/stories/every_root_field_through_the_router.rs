mod choosing;
mod security;

use std::collections::BTreeSet;

use e2e::{Live, Outcome, Person, hall, organizer};
use serde_json::{Value, json};

use crate::{Stage, id};

/// One real operation for each root field of the supergraph, and each subscription once. A field that is
/// added without an example here fails the test by its name.
#[tokio::test]
async fn every_root_field_answers_through_the_router() {
    let stage = Stage::set().await;
    let mut tour = Tour { done: BTreeSet::new() };
    accounts(&mut tour, &stage).await;
    events(&mut tour, &stage).await;
    pictures(&mut tour, &stage).await;
    let buyer = stage.person("Bea").await;
    let order = purchase(&mut tour, &stage, &buyer).await;
    tickets(&mut tour, &stage, &buyer, &order).await;
    messages(&mut tour, &buyer).await;
    security::accounts(&mut tour, &stage).await;
    choosing::places(&mut tour, &stage, &buyer).await;
    prices(&mut tour, &stage, &buyer).await;
    money_back(&mut tour, &stage, &buyer, &order).await;
    assert_eq!(tour.done, root_fields(&buyer).await, "left: exercised here, right: in the supergraph");
}

/// What was exercised so far.
struct Tour {
    done: BTreeSet<String>,
}

impl Tour {
    /// The field's answer, which has to be whole and no null.
    async fn does(&mut self, who: &Person, field: &str, query: &str, variables: Value) -> Value {
        let answered: Outcome = who.does(field, query, variables).await;
        let answer = answered.unwrap_or_else(|refused| panic!("{field}: {refused:?}"));
        assert!(!answer.is_null(), "{field} answered null");
        self.done.insert(field.to_owned());
        answer
    }

    /// What a subscription says first, or after what is done meanwhile.
    async fn hears(&mut self, field: &str, mut live: Live) -> Value {
        let heard = live.next().await.unwrap_or_else(|refused| panic!("{field}: {refused:?}"));
        assert!(!heard.is_null(), "{field} said null");
        self.done.insert(field.to_owned());
        heard
    }
}

async fn accounts(tour: &mut Tour, stage: &Stage) {
    let nobody = e2e::anybody(stage.platform.address());
    let input = json!({ "email": "tess@example.test", "password": nobody.password(), "name": "Tess" });
    let query =
        "mutation($input: RegisterInput!) { register(input: $input) { expiresAt user { id email locale } } }";
    let tess = tour.does(&nobody, "register", query, json!({ "input": input })).await;
    assert_eq!(tess["user"]["locale"], "en");
    let input = json!({ "email": "tess@example.test", "password": nobody.password() });
    let query = "mutation($input: LoginInput!) { login(input: $input) { refreshToken user { name } } }";
    let session = tour.does(&nobody, "login", query, json!({ "input": input })).await;
    let query = "mutation($token: String!) { refreshSession(refreshToken: $token) { refreshToken } }";
    let session =
        tour.does(&nobody, "refreshSession", query, json!({ "token": session["refreshToken"] })).await;
    let query = "mutation($token: String!) { logout(refreshToken: $token) }";
    let ended = tour.does(&nobody, "logout", query, json!({ "token": session["refreshToken"] })).await;
    assert_eq!(ended, true);

    let query = "mutation($input: ContinueAsGuestInput!) { continueAsGuest(input: $input) { \
                 refreshToken refreshExpiresAt user { email name guest } } }";
    let input = json!({ "email": "gwen@example.test" });
    let guest = tour.does(&nobody, "continueAsGuest", query, json!({ "input": input })).await;
    let expected = json!({ "email": "gwen@example.test", "name": null, "guest": true });
    assert_eq!(guest["user"], expected);

    let who = &stage.organizer;
    let query =
        "mutation { updateProfile(input: { name: \"Olga O.\", phone: \"+43 1 234 5678\" }) { name phone } }";
    let profile = tour.does(who, "updateProfile", query, json!({})).await;
    assert_eq!(profile["name"], "Olga O.");
    // An account, with what three services know of it.
    let query = "query { me { name memberships { role organization { name } } orders { totalCount } tickets { totalCount } \
                 notificationPreferences { entries { kind channel enabled changeable } } } }";
    let me = tour.does(who, "me", query, json!({})).await;
    assert_eq!((&me["memberships"][0]["role"], &me["orders"]["totalCount"]), (&json!("OWNER"), &json!(0)));

    let query =
        "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) { id slug } }";
    let made = tour.does(who, "createOrganization", query, json!({ "input": { "name": "Second" } })).await;
    let mut scanner = nobody.clone();
    (scanner.name, scanner.email) = ("Tess".to_owned(), "tess@example.test".to_owned());
    scanner.logs_in().await.unwrap();
    let sandbox = stage.platform.sandbox();
    let token = scanner.is_mailed_a_link(&sandbox, "/account/verify").await;
    let query = "mutation($token: String!) { verifyEmail(token: $token) { emailVerified } }";
    let verified = tour.does(&nobody, "verifyEmail", query, json!({ "token": token })).await;
    assert_eq!(verified["emailVerified"], true);
    let query = "mutation { requestEmailVerification }";
    let again = tour.does(&scanner, "requestEmailVerification", query, json!({})).await;
    assert_eq!(again, false, "it is verified already");
    who.invites(id(&made), &scanner, "SCANNER").await.unwrap();
    scanner.accepts_the_invitation(&sandbox).await.unwrap();
    tour.done.insert("acceptInvitation".to_owned());
    let query = "mutation($input: RemoveMemberInput!) { removeMember(input: $input) { members { totalCount nodes { role } } } }";
    let input = json!({ "organizationId": made["id"], "userId": tess["user"]["id"] });
    let shrunk = tour.does(who, "removeMember", query, json!({ "input": input })).await;
    assert_eq!(shrunk["members"], json!({ "totalCount": 1, "nodes": [{ "role": "OWNER" }] }));
    let query = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { \
                 members { nodes { role } } invitations { id email } } }";
    let input = json!({ "organizationId": made["id"], "email": "tess@example.test", "role": "SCANNER" });
    let invited = tour.does(who, "inviteMember", query, json!({ "input": input })).await;
    assert_eq!(invited["members"]["nodes"], json!([{ "role": "OWNER" }]));
    let query = "mutation($id: ID!) { revokeInvitation(id: $id) { invitations { id } } }";
    let invitation = json!({ "id": invited["invitations"][0]["id"] });
    let revoked = tour.does(who, "revokeInvitation", query, invitation).await;
    assert_eq!(revoked["invitations"], json!([]));
    let query = "query($slug: String!) { organization(slug: $slug) { name events { totalCount } } }";
    let found = tour.does(&nobody, "organization", query, json!({ "slug": made["slug"] })).await;
    assert_eq!(found, json!({ "name": "Second", "events": { "totalCount": 0 } }));
}

/// An event that has no pictures is put in order as well.
async fn pictures(tour: &mut Tour, stage: &Stage) {
    let (who, event) = (&stage.organizer, &stage.show.event);
    let query =
        "mutation($input: ArrangeEventImagesInput!) { arrangeEventImages(input: $input) { images { id } } }";
    let input = json!({ "eventId": event, "imageIds": [] });
    let arranged = tour.does(who, "arrangeEventImages", query, json!({ "input": input })).await;
    assert_eq!(arranged["images"], json!([]));
    let query =
        "mutation($event: ID!, $image: ID!) { removeEventImage(eventId: $event, imageId: $image) { id } }";
    let gone = json!({ "event": event, "image": "img_0190163d-8694-739b-aea5-966c26f8ad90" });
    let without = tour.does(who, "removeEventImage", query, gone).await;
    assert_eq!(without["id"], *event);
}

async fn events(tour: &mut Tour, stage: &Stage) {
    let (who, organization) = (&stage.organizer, &stage.show.organization);
    let query = "mutation($input: CreateVenueInput!) { createVenue(input: $input) { id address { city } } }";
    let input = organizer::venue(organization, "Cellar");
    let venue = tour.does(who, "createVenue", query, json!({ "input": input })).await;
    let query = "mutation($input: CreateVenueLayoutInput!) { createVenueLayout(input: $input) { \
                 id capacity sections { key rows { label seats { key label x y } } } } }";
    let input = json!({ "venueId": id(&venue), "name": "Usual", "sections": hall() });
    let layout = tour.does(who, "createVenueLayout", query, json!({ "input": input })).await;
    let query = "query($id: ID!) { venue(id: $id) { name timezone layouts { name capacity } } }";
    let seen = tour.does(who, "venue", query, json!({ "id": id(&venue) })).await;
    assert_eq!(seen["layouts"], json!([{ "name": "Usual", "capacity": 58 }]));
    let query = "mutation($input: CreateEventInput!) { createEvent(input: $input) { id status } }";
    let input = organizer::event(organization, id(&venue), id(&layout), "Night of the Owls");
    let event = tour.does(who, "createEvent", query, json!({ "input": input })).await;
    let query = "mutation($input: UpdateEventInput!) { updateEvent(input: $input) { title } }";
    let input = json!({ "eventId": id(&event), "title": "Night of the Owl" });
    let renamed = tour.does(who, "updateEvent", query, json!({ "input": input })).await;
    assert_eq!(renamed["title"], "Night of the Owl");
    let query = "mutation($id: ID!) { publishEvent(id: $id) { status layout { capacity } } }";
    let published = tour.does(who, "publishEvent", query, json!({ "id": id(&event) })).await;
    assert_eq!(published["status"], "PUBLISHED");
    let query = "query { events(first: 1, sort: TITLE, filter: { city: \"vienna\" }) { \
                 totalCount pageInfo { hasNextPage endCursor } edges { cursor node { title organization { name } } } } }";
    let list = tour.does(who, "events", query, json!({})).await;
    assert_eq!(
        (&list["totalCount"], &list["edges"][0]["node"]["title"]),
        (&json!(2), &json!("Night of the Owl"))
    );
    let query = "query { eventSuggestions(prefix: \"night\") { text kind event { title } } }";
    let suggested = e2e::eventually("the owl is found", async || {
        let suggested = who.does("eventSuggestions", query, json!({})).await.ok()?;
        suggested.as_array()?.iter().find(|one| one["event"]["title"] == "Night of the Owl").cloned()
    });
    assert_eq!(suggested.await["kind"], "EVENT");
    tour.done.insert("eventSuggestions".to_owned());
    let query = "mutation($input: CancelEventInput!) { cancelEvent(input: $input) { status cancelReason } }";
    let input = json!({ "eventId": id(&event), "reason": "The owls are ill", "idempotencyKey": "owls" });
    let cancelled = tour.does(who, "cancelEvent", query, json!({ "input": input })).await;
    assert_eq!(cancelled["status"], "CANCELLED");
    let query =
        "query($id: ID!) { event(id: $id) { title priceRange { lowest { amount } highest { amount } } } }";
    let event = tour.does(who, "event", query, json!({ "id": stage.show.event })).await;
    assert_eq!(event["priceRange"]["lowest"]["amount"], "25.00");
    let query = "query($id: ID!) { node(id: $id) { __typename ... on Event { title } } }";
    let node = tour.does(who, "node", query, json!({ "id": stage.show.event })).await;
    assert_eq!(node, json!({ "__typename": "Event", "title": "Winter Journey" }));
}

/// The order's id.
async fn purchase(tour: &mut Tour, stage: &Stage, buyer: &Person) -> String {
    let event = &stage.show.event;
    let seats = stage.seats(buyer, 3).await;
    let told = buyer
        .follows(
            "notificationReceived",
            "subscription { notificationReceived { id kind channel } }",
            json!({}),
        )
        .await;

    let query = "mutation($input: HoldSeatsInput!) { holdSeats(input: $input) { id event { title } items { ticketType { name } } } }";
    let hold = |seats: &[String], key: &str| {
        let seats: Vec<_> = seats.iter().map(|seat| json!({ "seatId": seat })).collect();
        json!({ "input": { "eventId": event, "seats": seats, "idempotencyKey": key } })
    };
    let unwanted = tour.does(buyer, "holdSeats", query, hold(&seats[2..], "unwanted")).await;
    let query_release = "mutation($id: ID!) { releaseReservation(id: $id) { status } }";
    tour.does(buyer, "releaseReservation", query_release, json!({ "id": id(&unwanted) })).await;
    let reservation = tour.does(buyer, "holdSeats", query, hold(&seats[..1], "wanted")).await;
    assert_eq!(reservation["event"]["title"], stage.show.title.as_str());
    let query = "query($id: ID!) { reservation(id: $id) { status total { total { amount } } } }";
    let seen = tour.does(buyer, "reservation", query, json!({ "id": id(&reservation) })).await;
    assert_eq!(seen, json!({ "status": "ACTIVE", "total": { "total": { "amount": "49.50" } } }));

    let query = "subscription($id: ID!) { reservationChanged(id: $id) { status canExtend } }";
    let live = buyer.follows("reservationChanged", query, json!({ "id": id(&reservation) })).await;
    let open = json!({ "status": "ACTIVE", "canExtend": true });
    assert_eq!(tour.hears("reservationChanged", live).await, open);
    let query = "mutation($id: ID!) { extendReservation(id: $id) { status canExtend } }";
    let longer = tour.does(buyer, "extendReservation", query, json!({ "id": id(&reservation) })).await;
    assert_eq!(longer, json!({ "status": "ACTIVE", "canExtend": false }));
    tour.does(buyer, "now", "query { now }", json!({})).await;

    let given_up = buyer.orders(event, &seats[1..2]).await.unwrap();
    let query = "mutation($id: ID!) { cancelOrder(id: $id) { number } }";
    tour.does(buyer, "cancelOrder", query, json!({ "id": id(&given_up) })).await;
    let query =
        "mutation($input: CheckoutInput!) { checkout(input: $input) { id number status buyer { name } } }";
    let attendees = json!([{ "name": "Bea", "email": buyer.email }]);
    let input =
        json!({ "reservationId": id(&reservation), "attendees": attendees, "idempotencyKey": "once" });
    let order = tour.does(buyer, "checkout", query, json!({ "input": input })).await;
    assert_eq!(order["buyer"]["name"], "Bea");
    tour.hears("orderChanged", buyer.follows_order(id(&order)).await).await;
    let query = "mutation($input: PayInput!) { pay(input: $input) { id provider amount { amount } } }";
    let input = json!({ "orderId": id(&order), "paymentMethod": "pm_card_visa", "idempotencyKey": "once" });
    let payment = tour.does(buyer, "pay", query, json!({ "input": input })).await;
    assert_eq!(payment["provider"], "stripe");
    buyer.waits_for(id(&order), &["COMPLETED"]).await;
    let message = tour.hears("notificationReceived", told).await;
    assert_eq!((&message["kind"], &message["channel"]), (&json!("ORDER_CONFIRMED"), &json!("IN_APP")));
    stage.platform.sandbox().mail(&buyer.email, "Winter Journey").await;
    id(&order).to_owned()
}

async fn tickets(tour: &mut Tour, stage: &Stage, buyer: &Person, order: &str) {
    let (who, event) = (&stage.organizer, &stage.show.event);
    let query = "query($id: ID!) { order(id: $id) { status history { at kind message } payment { status } tickets { id qrPayload } } }";
    let order = tour.does(buyer, "order", query, json!({ "id": order })).await;
    assert_eq!(order["payment"]["status"], "SUCCEEDED");
    let query = "query($id: ID!) { ticket(id: $id) { code holderName seat { section row number } ticketType { name } event { title } } }";
    let ticket = tour.does(buyer, "ticket", query, json!({ "id": id(&order["tickets"][0]) })).await;
    assert_eq!((&ticket["holderName"], &ticket["seat"]["section"]), (&json!("Bea"), &json!("STALLS")));
    let query =
        "mutation($input: CheckInInput!) { checkIn(input: $input) { outcome message at ticket { status } } }";
    let input =
        json!({ "eventId": event, "code": order["tickets"][0]["qrPayload"], "gate": "North", "nonce": "1" });
    let admitted = tour.does(who, "checkIn", query, json!({ "input": input })).await;
    assert_eq!(admitted["outcome"], "ADMITTED");

    let query = "mutation($input: CreateTicketTypeInput!) { createTicketType(input: $input) { id tiers { name price { amount } quota } } }";
    let early = json!({ "name": "Early", "price": { "amount": "9.90", "currency": "EUR" }, "quota": 5 });
    let late = json!({ "name": "Late", "price": { "amount": "14.90", "currency": "EUR" } });
    let input = json!({ "eventId": event, "name": "Student", "sections": ["FLOOR"], "tiers": [early, late] });
    let made = tour.does(who, "createTicketType", query, json!({ "input": input })).await;
    assert_eq!(made["tiers"][0]["quota"], 5);

    let seat = stage.seats(buyer, 1).await.remove(0);
    let query = "subscription($id: ID!) { seatMapChanged(eventId: $id) { eventId previousVersion version changes { seatId key status } } }";
    let mut live = buyer.follows("seatMapChanged", query, json!({ "id": event })).await;
    let query = "mutation($input: SetSeatsBlockedInput!) { setSeatsBlocked(input: $input) { version } }";
    live.next().await.unwrap();
    let input = json!({ "eventId": event, "seatIds": [seat], "blocked": true });
    tour.does(who, "setSeatsBlocked", query, json!({ "input": input })).await;
    let mut change = live.next().await.unwrap();
    let key = change["changes"][0]["key"].take();
    assert!(key.as_str().is_some_and(|key| key.starts_with("STALLS-")), "{key}");
    assert_eq!(change["changes"], json!([{ "seatId": seat, "key": null, "status": "BLOCKED" }]));
    tour.done.insert("seatMapChanged".to_owned());
    let query = "query($id: ID!) { seatMapChanges(eventId: $id, since: 0) { previousVersion version changes { seatId status } } }";
    let changes = tour.does(buyer, "seatMapChanges", query, json!({ "id": event })).await;
    assert_eq!(changes["previousVersion"], 0);
    let query = "subscription($id: ID!) { salesChanged(eventId: $id) { ticketsSold timeline(interval: DAY) { ticketsSold } } }";
    tour.hears("salesChanged", who.follows("salesChanged", query, json!({ "id": event })).await).await;
}

/// On which terms an organization sells, codes that take something off, and the payment provider's own page.
async fn prices(tour: &mut Tour, stage: &Stage, buyer: &Person) {
    let (who, event) = (&stage.organizer, &stage.show.event);
    let query = "mutation($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { \
                 settings { refundPolicy { rules { hoursBeforeStart percent } } } branding { colour } } }";
    let policy = json!({ "rules": [{ "hoursBeforeStart": 48, "percent": "50" }] });
    let input = json!({ "organizationId": stage.show.organization, "refundPolicy": policy, "branding": { "colour": "#1a2b3c" } });
    let updated = tour.does(who, "updateOrganization", query, json!({ "input": input })).await;
    assert_eq!(
        (&updated["settings"]["refundPolicy"], &updated["branding"]["colour"]),
        (&policy, &json!("#1a2b3c"))
    );

    let query = "mutation($input: CreatePromoCodeInput!) { createPromoCode(input: $input) { id code percentOff redemptions } }";
    let input = json!({ "eventId": event, "code": "Friends", "percentOff": "20", "maxRedemptions": 1 });
    let code = tour.does(who, "createPromoCode", query, json!({ "input": input })).await;
    assert_eq!((&code["percentOff"], &code["redemptions"]), (&json!("20"), &json!(0)));
    let seats = stage.seats(buyer, 1).await;
    let reservation = buyer.holds(event, &seats).await.unwrap();
    let query = "mutation($input: ApplyPromoCodeInput!) { applyPromoCode(input: $input) { \
                 total { discount { amount } total { amount } } } }";
    let input = json!({ "reservationId": reservation["id"], "code": "friends" });
    let priced = tour.does(buyer, "applyPromoCode", query, json!({ "input": input })).await;
    assert_eq!(priced["total"], json!({ "discount": { "amount": "9.90" }, "total": { "amount": "39.60" } }));
    let query = "mutation($id: ID!) { removePromoCode(reservationId: $id) { total { total { amount } } } }";
    let priced = tour.does(buyer, "removePromoCode", query, json!({ "id": reservation["id"] })).await;
    assert_eq!(priced["total"]["total"]["amount"], "49.50");
    let query =
        "mutation($input: UpdatePromoCodeInput!) { updatePromoCode(input: $input) { active redemptions } }";
    let input = json!({ "promoCodeId": code["id"], "active": false });
    let ended = tour.does(who, "updatePromoCode", query, json!({ "input": input })).await;
    assert_eq!(ended, json!({ "active": false, "redemptions": 0 }));

    let order = buyer.checks_out(id(&reservation)).await.unwrap();
    let query = "mutation($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { url expiresAt } }";
    let input = json!({ "orderId": order["id"], "successUrl": "https://shop.example/thanks",
        "cancelUrl": "https://shop.example/basket", "idempotencyKey": "page" });
    let page = e2e::eventually("the order can be paid", async || {
        buyer.does("createCheckoutSession", query, json!({ "input": input })).await.ok()
    });
    assert!(page.await["url"].as_str().unwrap().starts_with("http"));
    tour.done.insert("createCheckoutSession".to_owned());

    // Operators alone.
    let health =
        who.does("moneyHealth", "query { moneyHealth { differenceCount } }", json!({})).await.unwrap();
    assert!(health.is_null(), "{health}");
    let query = "mutation { replayWebhook(id: \"evt_1\") { stillParked { id } } }";
    assert_eq!(who.does("replayWebhook", query, json!({})).await.unwrap_err().code, "FORBIDDEN");
    tour.done.extend(["moneyHealth", "replayWebhook"].map(str::to_owned));

    let query =
        "mutation($input: RescheduleEventInput!) { rescheduleEvent(input: $input) { startsAt status } }";
    let (starts, ends) = (organizer::ahead(31 * 24), organizer::ahead(31 * 24 + 3));
    let input =
        json!({ "eventId": event, "startsAt": starts, "endsAt": ends, "reason": "The pianist is late." });
    let moved = tour.does(who, "rescheduleEvent", query, json!({ "input": input })).await;
    assert_eq!(moved, json!({ "startsAt": starts.replace('Z', ".000Z"), "status": "PUBLISHED" }));
}

/// Money goes back: of an order, and of everybody when an event is called off.
async fn money_back(tour: &mut Tour, stage: &Stage, buyer: &Person, order: &str) {
    let (who, event) = (&stage.organizer, &stage.show.event);
    let settings = tour.does(
        buyer,
        "paymentSettings",
        "query { paymentSettings { provider publishableKey } }",
        json!({}),
    );
    assert_eq!(settings.await["provider"], "stripe");
    let query =
        "mutation($input: RefundOrderInput!) { refundOrder(input: $input) { id status history { kind } } }";
    let input = json!({ "orderId": order, "reason": "The balcony is closed.", "idempotencyKey": "once" });
    tour.does(who, "refundOrder", query, json!({ "input": input })).await;
    buyer.waits_for(order, &["REFUNDED"]).await;

    let seats = stage.seats(buyer, 1).await;
    let other = buyer.orders(event, &seats).await.unwrap();
    buyer.pays(id(&other), "pm_card_visa").await.unwrap();
    buyer.waits_for(id(&other), &["COMPLETED"]).await;
    let cancel = "mutation($input: CancelEventInput!) { cancelEvent(input: $input) { status } }";
    let input = json!({ "eventId": event, "reason": "The hall is closed." });
    who.does("cancelEvent", cancel, json!({ "input": input })).await.unwrap();
    let query = "subscription($id: ID!) { eventCancellationChanged(eventId: $id) { startedAt finishedAt orders refunded failed \
                 amountRefunded { amount } } }";
    let done = e2e::eventually("everything is given back", async || {
        let mut live = who.follows("eventCancellationChanged", query, json!({ "id": event })).await;
        // Until tickets has heard of it, it is refused.
        let heard = live.next().await.ok()?;
        Some(heard).filter(|heard| !heard["finishedAt"].is_null())
    });
    let done = done.await;
    assert_eq!(
        (&done["orders"], &done["refunded"], &done["failed"]),
        (&json!(3), &json!(3), &json!(0)),
        "{done}"
    );
    tour.done.insert("eventCancellationChanged".to_owned());
    buyer.waits_for(id(&other), &["REFUNDED"]).await;
}

async fn messages(tour: &mut Tour, buyer: &Person) {
    let query =
        "query { notifications(unreadOnly: true) { totalCount nodes { id kind channel subject readAt } } }";
    let list = tour.does(buyer, "notifications", query, json!({})).await;
    let query = "mutation($id: ID!) { markNotificationRead(id: $id) { readAt } }";
    let read = tour.does(buyer, "markNotificationRead", query, json!({ "id": id(&list["nodes"][0]) })).await;
    assert!(read["readAt"].is_string());
    tour.does(buyer, "markAllNotificationsRead", "mutation { markAllNotificationsRead }", json!({})).await;
    let query = "mutation($input: NotificationPreferencesInput!) { setNotificationPreferences(input: $input) { \
                 entries { kind channel enabled } } }";
    let entries = json!([{ "kind": "ORDER_EXPIRED", "channel": "IN_APP", "enabled": false }]);
    let chosen = tour
        .does(buyer, "setNotificationPreferences", query, json!({ "input": { "entries": entries } }))
        .await;
    assert!(chosen["entries"].as_array().unwrap().contains(&entries[0]), "{chosen}");
}

/// Every root field that the router knows.
async fn root_fields(who: &Person) -> BTreeSet<String> {
    let query = "query { __schema { queryType { fields { name } } mutationType { fields { name } } \
                 subscriptionType { fields { name } } } }";
    let schema = who.does("__schema", query, json!({})).await.unwrap();
    let kinds = ["queryType", "mutationType", "subscriptionType"];
    let fields = kinds.iter().flat_map(|kind| schema[kind]["fields"].as_array().unwrap());
    fields.map(|field| field["name"].as_str().unwrap().to_owned()).collect()
}
