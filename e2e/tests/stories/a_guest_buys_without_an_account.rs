use e2e::{Person, anybody, eventually};
use serde_json::{Value, json};

use crate::{Stage, id};

#[tokio::test]
async fn a_guest_buys_and_keeps_it_in_an_account_made_later() {
    let stage = Stage::set().await;
    let (address, event) = (stage.platform.address(), &stage.show.event);
    let guest = Person::continues_as_guest(address, "Gwen").await.unwrap();
    assert_eq!(is(&guest).await, json!({ "name": "Gwen", "guest": true, "orders": { "totalCount": 0 } }));
    let seats = stage.seats(&guest, 1).await;
    let order = guest.orders(event, &seats).await.unwrap();
    guest.pays(id(&order), "pm_card_visa").await.unwrap();
    let order = guest.waits_for(id(&order), &["COMPLETED"]).await;
    let sandbox = stage.platform.sandbox();
    let mail = sandbox.mail(&guest.email, "Winter Journey").await;
    assert!(sandbox.attachment(&mail, "tickets.pdf").await.starts_with(b"%PDF-"));
    let refused = guest.creates_organization("Gwen's Evenings").await.unwrap_err();
    assert_eq!(refused.code, "FORBIDDEN", "{refused:?}");

    // Who gives the same address is somebody else.
    let namesake = Person::continues_as_guest(address, "Gwen").await.unwrap();
    assert_eq!(is(&namesake).await["orders"]["totalCount"], 0);
    assert!(namesake.looks_at(id(&order)).await.unwrap().is_null());

    // An account of the guest is the guest still, and the tokens of before have ended.
    let input = json!({ "email": guest.email, "password": guest.password(), "name": "Gwen Low" });
    let query = "mutation($input: RegisterInput!) { register(input: $input) { user { id guest } } }";
    let made = guest.does("register", query, json!({ "input": input })).await.unwrap();
    assert_eq!(made["user"], json!({ "id": guest.id, "guest": false }));
    let mut account = anybody(address);
    guest.email.clone_into(&mut account.email);
    account.logs_in().await.unwrap();
    let expected = json!({ "name": "Gwen Low", "guest": false, "orders": { "totalCount": 1 } });
    assert_eq!(is(&account).await, expected);
    assert_eq!(account.looks_at(id(&order)).await.unwrap()["id"], order["id"]);
    eventually("the guest's token has ended", async || {
        let messages = "{ notifications { totalCount } }";
        let refused = guest.does("notifications", messages, json!({})).await.err()?;
        (refused.code == "UNAUTHENTICATED").then_some(())
    })
    .await;
    let taken = Person::continues_as_guest(address, "Gwen").await.err().unwrap();
    assert_eq!((taken.code.as_str(), taken.field()), ("CONFLICT", "email"), "{taken:?}");
}

/// What they are to themselves.
async fn is(who: &Person) -> Value {
    let query = "{ me { name guest orders { totalCount } } }";
    who.does("me", query, json!({})).await.unwrap()
}
