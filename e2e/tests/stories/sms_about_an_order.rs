use e2e::{Person, eventually};
use serde_json::json;

use crate::{Stage, id};

const NUMBER: &str = "+436641234567";

#[tokio::test]
async fn an_sms_tells_who_chose_it_and_has_a_number_that_the_tickets_are_there() {
    let stage = Stage::set().await;
    let sandbox = stage.platform.sandbox();
    let (with, without) = (stage.person("Ada").await, stage.person("Bob").await);
    let update = "mutation($phone: String) { updateProfile(input: { phone: $phone }) { phone } }";
    with.does("updateProfile", update, json!({ "phone": NUMBER })).await.unwrap();
    for person in [&with, &without] {
        let choose = "mutation { setNotificationPreferences(input: { entries: [{ kind: ORDER_CONFIRMED, \
                      channel: SMS, enabled: true }] }) \
                      { entries { channel enabled } } }";
        person.does("setNotificationPreferences", choose, json!({})).await.unwrap();
    }
    buys(&stage, &without).await;
    let order = buys(&stage, &with).await;

    eventually("the SMS comes", async || (!sandbox.sms(NUMBER).await.is_empty()).then_some(())).await;
    let sms = sandbox.sms(NUMBER).await;
    let text = sms[0]["body"].as_str().unwrap();
    assert!(text.contains("Winter Journey") && text.contains(&order), "{text}");
    // Both have their mails, so that whatever was queued with them was there to be sent.
    for person in [&with, &without] {
        sandbox.mail(&person.email, "Winter Journey").await;
        let list = "{ notifications(channel: SMS, first: 10) { nodes { kind status } } }";
        let told = person.does("notifications", list, json!({})).await.unwrap();
        let count = usize::from(person.email == with.email);
        assert_eq!(told["nodes"].as_array().unwrap().len(), count, "{told}");
    }
    assert_eq!(sandbox.sms(NUMBER).await.len(), 1);
    assert!(!stage.platform.log_text().contains(&NUMBER[1..]), "a number is nobody's business in a log");
}

/// The number of an order that is paid and complete.
async fn buys(stage: &Stage, person: &Person) -> String {
    let seats = stage.seats(person, 1).await;
    let order = person.orders(&stage.show.event, &seats).await.unwrap();
    person.pays(id(&order), "pm_card_visa").await.unwrap();
    let order = person.waits_for(id(&order), &["COMPLETED"]).await;
    order["number"].as_str().unwrap().to_owned()
}
