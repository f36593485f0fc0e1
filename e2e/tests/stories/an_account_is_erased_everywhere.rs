use std::time::Duration;

use e2e::{
    Person, Stores,
    chance::{seed, tell},
    eventually,
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};

use crate::{Stage, id};

const DELETE: &str = "mutation($password: String!) { deleteAccount(password: $password) }";
const PHONE: &str = "+436649998877";
/// Messages between services are gone within weeks; of an invoice, the law wants all of it.
const KEPT_FOR_A_WHILE: [&str; 4] = ["outbox", "inbox", "dead_letters", "invoices"];

/// Somebody with an order, a place in a queue, places set aside, messages and wishes goes: nothing names them any more but tickets
/// that are still to be shown at a door, and those no longer than that.
#[tokio::test]
async fn nothing_names_who_is_erased_and_what_was_sold_is_sold() {
    let stage = Stage::set().await;
    let (bea, zoe) = (stage.person("Bea").await, stage.person("Zoe Quastenberg").await);
    let order = lives(&stage, &zoe, &bea).await;
    let sales = sales_of(&stage).await;
    let number = order["number"].as_str().unwrap();
    for (service, text) in [("users", &zoe.email), ("tickets", &zoe.name), ("notifications", &zoe.email)] {
        let known = stage.platform.store(service).await.mentions(text, &KEPT_FOR_A_WHILE).await.unwrap();
        assert!(!known.is_empty(), "{service} knows them before");
    }

    deletes(&stage, &zoe).await;
    is_erased(&stage).await;
    let stores = stage.platform.stores().await.unwrap();
    let left = mentions(&stores, &zoe, &[PHONE, &zoe.email, &zoe.name]).await;
    let on_tickets = ["tickets: tickets.holder_email", "tickets: tickets.holder_name"];
    assert!(left.iter().all(|place| on_tickets.contains(&place.as_str())) && !left.is_empty(), "{left:?}");
    let farewell = stage.platform.sandbox().mail(&zoe.email, "deleted").await;
    assert!(farewell.subject().contains("deleted"));
    let ticket = order["tickets"][0]["code"].as_str().unwrap();
    let admitted = stage.organizer.scans(&stage.show.event, ticket, "North").await.unwrap();
    assert_eq!(admitted["outcome"], "ADMITTED", "a ticket that was bought admits");
    assert_eq!(sales_of(&stage).await, sales);
    let paid = stage.platform.sandbox().payments_of(number).await;
    assert!(paid.iter().any(|payment| payment["status"] == "succeeded"), "{paid:?}");

    let tickets = stage.platform.store("tickets").await;
    for over in ["UPDATE events SET ends_at = 1", "UPDATE names_to_forget SET look_at = 1"] {
        tickets.disturb(over).await.unwrap();
    }
    eventually("nobody needs the names any more", async || {
        mentions(&stores, &zoe, &[PHONE, &zoe.email, &zoe.name]).await.is_empty().then_some(())
    })
    .await;
    let again = stage.person("Zoe Quastenberg").await;
    assert_ne!(again.id, zoe.id, "the address is free");
}

/// `E2E_SEED` repeats a run, as far as the moments go.
#[tokio::test]
async fn kills_at_random_moments_of_an_erasure_lose_nothing() {
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    tell(&format!("E2E_SEED={seed}"));
    let mut stage = Stage::set().await;
    let bea = stage.person("Bea").await;
    for name in ["Ada Quill", "Ben Quill", "Cyd Quill"] {
        let person = stage.person(name).await;
        buys(&stage, &person).await;
        deletes(&stage, &person).await;
        let moment = Duration::from_millis(random.random_range(0..400));
        tell(&format!("killed after {moment:?}"));
        tokio::time::sleep(moment).await;
        stage.platform.is_killed_and_starts_again().await;
        is_erased(&stage).await;
        let stores = stage.platform.stores().await.unwrap();
        let left = mentions(&stores, &person, &[&person.email]).await;
        assert!(left.iter().all(|place| place == "tickets: tickets.holder_email"), "{left:?}");
        stage.platform.sandbox().mail(&person.email, "deleted").await;
    }
    eventually("all three are counted", async || (sales_of(&stage).await["ticketsSold"] == 3).then_some(()))
        .await;
    buys(&stage, &bea).await;
}

/// What people leave behind: the order that they have paid.
async fn lives(stage: &Stage, person: &Person, other: &Person) -> Value {
    let event = &stage.show.event;
    let update = "mutation($phone: String) { updateProfile(input: { phone: $phone }) { phone } }";
    person.does("updateProfile", update, json!({ "phone": PHONE })).await.unwrap();
    let choose = "mutation { setNotificationPreferences(input: { entries: [{ kind: EVENT_REMINDER, channel: EMAIL, \
                  enabled: false }] }) { entries { channel enabled } } }";
    person.does("setNotificationPreferences", choose, json!({})).await.unwrap();
    let order = buys(stage, person).await;
    for _ in 0..4 {
        other.holds_standing(event, &stage.show.floor, 10).await.unwrap();
    }
    let join = "mutation($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { status } }";
    let wish = json!({ "eventId": event, "ticketTypeIds": [stage.show.floor], "quantity": 2 });
    person.does("joinWaitlist", join, json!({ "input": wish })).await.unwrap();
    let seats = stage.seats(person, 1).await;
    person.holds(event, &seats).await.unwrap();
    order
}

async fn buys(stage: &Stage, person: &Person) -> Value {
    let seats = stage.seats(person, 1).await;
    let order = person.orders(&stage.show.event, &seats).await.unwrap();
    person.pays(id(&order), "pm_card_visa").await.unwrap();
    let order = person.waits_for(id(&order), &["COMPLETED"]).await;
    stage.platform.sandbox().mail(&person.email, order["number"].as_str().unwrap()).await;
    order
}

async fn deletes(stage: &Stage, person: &Person) {
    let password = json!({ "password": person.password() });
    assert_eq!(person.does("deleteAccount", DELETE, password).await.unwrap(), true);
    let me = person.does("me", "{ me { id } }", json!({})).await;
    assert_eq!(me.unwrap_err().code, "UNAUTHENTICATED", "{}", stage.show.event);
}

/// Every erasure that was begun is done, and everybody has heard of it.
async fn is_erased(stage: &Stage) {
    let users = stage.platform.store("users").await;
    eventually("the account is erased", async || {
        let begun = users.count("sagas WHERE ended_at IS NULL").await.ok()?;
        let unsent = users.count("outbox WHERE sent_at IS NULL").await.ok()?;
        (begun + unsent == 0).then_some(())
    })
    .await;
}

async fn sales_of(stage: &Stage) -> Value {
    eventually("what was sold is counted", async || {
        let sales = stage.organizer.reads_sales(&stage.show.event).await.ok()?;
        (sales["ticketsSold"] != 0)
            .then(|| json!({ "ticketsSold": sales["ticketsSold"], "gross": sales["grossRevenue"] }))
    })
    .await
}

/// Where one of these texts about a person stands, in whichever service.
async fn mentions(stores: &Stores, of: &Person, texts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (service, store) in stores.all() {
        for text in texts {
            let places = store.mentions(text, &KEPT_FOR_A_WHILE).await;
            let places = places.unwrap_or_else(|error| panic!("{service} of {}: {error:#}", of.name));
            found.extend(places.into_iter().map(|place| format!("{service}: {place}")));
        }
    }
    found.sort();
    found.dedup();
    found
}
