//! Whose a ticket is: who sees what of it, and whose name stands on it.

use contracts::{
    tickets::TicketRenamed,
    users::{AccountChanged, Role},
};
use futures::future::{LocalBoxFuture, join_all};
use kernel::{TicketId, UserId};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tickets::domain::{
    entities::CheckIn,
    use_cases::{RefundOrder, RenameTicketHolder},
};

use crate::{
    all_at_once::does,
    handing_on::{Bought, ONE, account, ask, heard},
    rest::Rest,
    stage::{Payments, code, operator},
};

#[tokio::test]
async fn a_ticket_goes_from_hand_to_hand_and_admits_in_the_last() {
    let bought = Bought::new().await;
    let [grace, eve] = [(); 2].map(|()| UserId::new());
    bought.stage.hear(&account(grace, 1, "grace@example.org", true)).await;
    bought.stage.hear(&account(eve, 1, "eve@example.org", true)).await;
    let first = bought.first().await;
    let second = bought.gives(bought.buyer, first.id, "grace@example.org").await.unwrap().ticket;
    let third = bought.gives(grace, second.id, "eve@example.org").await.unwrap().ticket;
    let told = bought.transferred().await;
    assert_eq!(told.iter().map(|told| told.sequence).collect::<Vec<_>>(), [1, 2]);
    for dead in [&first, &second] {
        let answer = bought.scans(&bought.stage.tickets.qr_payload(dead), "North").await;
        assert_eq!(answer.outcome, CheckIn::PassedOn);
        assert!(bought.stage.tickets.reads().ticket(dead.id).await.unwrap().is_none());
    }
    assert_eq!(
        bought.scans(&bought.stage.tickets.qr_payload(&third), "North").await.outcome,
        CheckIn::Admitted
    );
    // Grace sees that she has passed it on, and nothing of Eve; neither does who bought it.
    let gone = bought.sees(grace, second.id).await;
    assert_eq!(
        (&gone["status"], &gone["mine"], &gone["code"]),
        (&json!("TRANSFERRED"), &json!(false), &Value::Null)
    );
    assert_eq!(bought.sees(grace, third.id).await, Value::Null);
    let of_the_buyer = bought.sees(bought.buyer, third.id).await;
    assert_eq!((&of_the_buyer["holderName"], &of_the_buyer["holderEmail"]), (&Value::Null, &Value::Null));
    let back = bought.gives(grace, second.id, "ada@example.org").await.unwrap_err();
    assert!(back.refusal().unwrap().is(tickets::domain::reasons::TICKET_PASSED_ON));
}

#[tokio::test]
async fn who_bought_it_no_longer_sees_the_code_and_who_was_given_it_sees_no_order() {
    let bought = Bought::new().await;
    let grace = UserId::new();
    bought.stage.hear(&account(grace, 1, "grace@example.org", true)).await;
    let old = bought.first().await;
    let link = bought.sees(bought.buyer, old.id).await["pdfUrl"].as_str().unwrap().to_owned();
    let now = bought.gives(bought.buyer, old.id, "grace@example.org").await.unwrap().ticket;
    let buyers = bought.sees(bought.buyer, now.id).await;
    for nothing in ["code", "qrPayload", "qrSvg", "pdfUrl"] {
        assert_eq!(buyers[nothing], Value::Null, "{nothing}");
    }
    assert_eq!((&buyers["mine"], &buyers["transferable"]), (&json!(false), &json!(false)));
    assert_eq!(
        (&buyers["holderName"], &buyers["order"]["number"]),
        (&json!("Grace"), &json!(bought.order.state().number))
    );
    let hers = bought.sees(grace, now.id).await;
    assert_eq!((&hers["code"], &hers["order"]), (&json!(now.code), &Value::Null));
    assert!(hers["qrPayload"].is_string() && hers["pdfUrl"].is_string());
    assert_eq!((&hers["mine"], &hers["transferable"]), (&json!(true), &json!(true)));
    assert!(hers["calendarUrl"].as_str().unwrap().ends_with("/calendar.ics"), "{hers}");
    assert_eq!(hers["price"]["total"]["amount"], "10.00");
    let id = bought.order.state().id.public().to_string();
    let order =
        bought.stage.data(Some(grace), "query ($id: ID!) { order(id: $id) { id } }", json!({ "id": id }));
    assert_eq!(order.await["order"], Value::Null, "an attendee's address never opens the buyer's order");
    // The printed address of the old ticket opens nothing any more.
    let path = link.split("/api/tickets").nth(1).unwrap();
    assert_eq!(Rest::of(&bought.stage).await.get(None, path).await.status(), 404);
}

#[tokio::test]
async fn organizers_see_the_ticket_that_there_is_and_support_does_not_see_its_code() {
    let bought = Bought::new().await;
    let now = bought.gives(bought.buyer, bought.first().await.id, "grace@example.org").await.unwrap().ticket;
    let seen = bought.sees(bought.stage.organizer, now.id).await;
    assert_eq!((&seen["code"], &seen["holderName"]), (&json!(now.code), &json!("Grace")));
    let id = now.id.public().to_string();
    let support = bought.stage.ask_as(Some(operator(UserId::new())), ONE, json!({ "id": id })).await;
    assert_eq!(support["data"]["ticket"]["code"], Value::Null, "{support}");
    assert_eq!(bought.sees(UserId::new(), now.id).await, Value::Null);
}

#[tokio::test]
async fn a_ticket_waits_for_an_account_whose_address_is_verified() {
    let bought = Bought::new().await;
    let now = bought.gives(bought.buyer, bought.first().await.id, "Grace@Example.org").await.unwrap().ticket;
    let [grace, eve] = [(); 2].map(|()| UserId::new());
    bought.stage.hear(&account(grace, 1, "grace@EXAMPLE.org", false)).await;
    bought.stage.hear(&account(eve, 1, "eve@example.org", true)).await;
    assert!(bought.tickets_of(grace).await.is_empty(), "anybody may write any address");
    bought.stage.hear(&account(grace, 2, "grace@EXAMPLE.org", true)).await;
    let theirs = bought.tickets_of(grace).await;
    assert_eq!(theirs.len(), 1);
    assert_eq!((&theirs[0]["code"], &theirs[0]["order"]), (&json!(now.code), &Value::Null));
    assert!(bought.tickets_of(eve).await.is_empty());
    assert_eq!(bought.tickets_of(bought.buyer).await.len(), 1, "the other one is left");
    // Another address takes nothing away.
    bought.stage.hear(&account(grace, 3, "g.hopper@example.org", true)).await;
    bought.stage.hear(&account(eve, 2, "grace@example.org", true)).await;
    assert_eq!((bought.tickets_of(grace).await.len(), bought.tickets_of(eve).await.len()), (1, 0));
    let second = bought.tickets().await[1].id;
    bought.gives(bought.buyer, second, "grace@example.org").await.unwrap();
    assert_eq!(bought.tickets_of(eve).await.len(), 1, "the address is Eve's by now");
}

#[tokio::test]
async fn whoever_verifies_an_address_while_a_ticket_is_passed_on_to_it_has_the_ticket() {
    for round in 0..8 {
        let bought = Bought::new().await;
        let (grace, old) = (UserId::new(), bought.first().await.id);
        let told = account(grace, 1, "grace@example.org", true);
        let (given, ()) =
            tokio::join!(bought.gives(bought.buyer, old, "grace@example.org"), bought.stage.hear(&told));
        given.unwrap();
        assert_eq!(bought.tickets_of(grace).await.len(), 1, "round {round}");
        assert_eq!(bought.counts("addresses").await, 1);
    }
}

#[tokio::test]
async fn nothing_is_kept_of_addresses_that_nobody_has() {
    let bought = Bought::new().await;
    bought.gives(bought.buyer, bought.first().await.id, "grace@example.org").await.unwrap();
    assert_eq!(bought.counts("addresses").await, 0);
}

#[tokio::test]
async fn another_name_stands_on_the_ticket_and_its_code_is_good_as_before() {
    let bought = Bought::new().await;
    let old = bought.confirmation.tickets[0].clone();
    let rename = |by, name: &str, email: Option<&str>| RenameTicketHolder {
        by,
        ticket: old.ticket_id,
        name: name.to_owned(),
        address: email.map(|email| kernel::EmailAddress::parse("holderEmail", email).unwrap()),
    };
    drop(bought.stage.waiting().await);
    let renamed =
        bought.stage.tickets.rename_ticket_holder(rename(bought.buyer, "Ada King", None)).await.unwrap();
    assert_eq!((renamed.id, renamed.holder.name.as_str()), (old.ticket_id, "Ada King"));
    bought.stage.tickets.rename_ticket_holder(rename(bought.buyer, "Ada King", None)).await.unwrap();
    let told: Vec<TicketRenamed> = heard(&bought.stage.waiting().await);
    assert_eq!(told.len(), 1, "the same name again is nothing new");
    assert_eq!((told[0].previous_name.as_str(), told[0].ticket.holder_name.as_str()), ("Ada", "Ada King"));
    assert_eq!(
        (told[0].ticket.qr_payload.as_str(), told[0].owner_id),
        (old.qr_payload.as_str(), Some(bought.buyer))
    );
    let organizers = rename(bought.stage.organizer, "Augusta", Some("augusta@example.org"));
    bought.stage.tickets.rename_ticket_holder(organizers).await.unwrap();
    let box_office = bought.stage.member(Role::BoxOffice).await;
    for (by, expected) in [(box_office, "NOT_FOUND"), (UserId::new(), "NOT_FOUND")] {
        assert_eq!(code(bought.stage.tickets.rename_ticket_holder(rename(by, "Eve", None)).await), expected);
    }
    assert_eq!(bought.first().await.holder.name, "Augusta");
    assert_eq!(bought.scans(&old.qr_payload, "North").await.outcome, CheckIn::Admitted);
    let used = bought.stage.tickets.rename_ticket_holder(rename(bought.buyer, "Eve", None)).await;
    assert!(used.unwrap_err().refusal().unwrap().is(tickets::domain::reasons::TICKET_USED));
}

#[tokio::test]
async fn an_organizer_puts_a_mistyped_address_right_and_the_ticket_waits_there() {
    let bought = Bought::new().await;
    let now = bought.gives(bought.buyer, bought.first().await.id, "grcae@example.org").await.unwrap().ticket;
    let grace = UserId::new();
    bought.stage.hear(&account(grace, 1, "grace@example.org", true)).await;
    assert!(bought.tickets_of(grace).await.is_empty());
    let ask = RenameTicketHolder {
        by: bought.stage.organizer,
        ticket: now.id,
        name: "Grace".to_owned(),
        address: Some(kernel::EmailAddress::parse("holderEmail", "grace@example.org").unwrap()),
    };
    bought.stage.tickets.rename_ticket_holder(ask).await.unwrap();
    assert_eq!(bought.tickets_of(grace).await.len(), 1);
}

#[tokio::test]
async fn an_erased_person_is_named_on_no_ticket_that_was_given_to_them() {
    let bought = Bought::new().await;
    let grace = UserId::new();
    bought.stage.hear(&account(grace, 1, "grace@example.org", true)).await;
    bought.gives(bought.buyer, bought.first().await.id, "grace@example.org").await.unwrap();
    bought.stage.hear(&AccountChanged { erased: true, ..account(grace, 2, "", true) }).await;
    let now = bought.first().await;
    assert_eq!((now.holder.known_name(), now.holder.known_email()), (None, None));
    assert_eq!(bought.counts("addresses").await, 0);
    let again = UserId::new();
    bought.stage.hear(&account(again, 1, "grace@example.org", true)).await;
    assert!(bought.tickets_of(again).await.is_empty(), "the address is free, and the ticket is not");
}

#[tokio::test]
async fn tickets_that_a_replica_of_the_version_before_issues_are_their_buyers() {
    let bought = Bought::new().await;
    let before = "INSERT INTO tickets (id, order_id, position, event_id, ticket_type_id, section, seat, price, currency, code, \
                  epoch, holder_name, holder_email, status) SELECT {id}, order_id, 9, event_id, ticket_type_id, section, NULL, \
                  price, currency, 'OLDREPLICA', 1, holder_name, holder_email, status FROM tickets WHERE position = 0";
    let id = TicketId::new().uuid().simple().to_string();
    let backend = bought.stage.database.writes.get_database_backend();
    let id = if backend == sea_orm::DbBackend::Postgres {
        format!("CAST('{id}' AS UUID)")
    } else {
        format!("x'{id}'")
    };
    bought.stage.database.writes.execute_unprepared(&before.replace("{id}", &id)).await.unwrap();
    assert_eq!(bought.tickets_of(bought.buyer).await.len(), 3);
}

/// Locks are taken in one order: that of an order, that of an address, those of tickets.
#[tokio::test]
async fn transfers_new_addresses_names_and_refunds_at_once_never_deadlock() {
    let bought = Bought::new().await;
    let (stage, buyer) = (&bought.stage, bought.buyer);
    let mut orders = vec![bought.order.state().id];
    for seat in [2, 4, 6] {
        orders.push(stage.checks_out(&stage.holds(buyer, &[seat, seat + 1]).await.unwrap()).await.state().id);
    }
    stage.carry(Payments::Pay).await;
    let addresses = ["grace@example.org", "eve@example.org"];
    let address = |number: usize| kernel::EmailAddress::parse("email", addresses[number % 2]).unwrap();
    let mut crowd: Vec<LocalBoxFuture<'_, ()>> = Vec::new();
    for (number, order) in orders.iter().enumerate() {
        for (place, ticket) in stage.tickets.reads().tickets_of(*order).await.unwrap().into_iter().enumerate()
        {
            let give = ask(buyer, ticket.id, addresses[(number + place) % 2]);
            crowd.push(Box::pin(async move {
                drop(does("transfer", async || stage.tickets.transfer_ticket(give.clone()).await).await);
                let now = stage.tickets.reads().tickets_of(*order).await.unwrap().swap_remove(place).id;
                let (by, address) = (stage.organizer, Some(address(number)));
                let name = RenameTicketHolder { by, ticket: now, name: "Ada".to_owned(), address };
                drop(does("rename", async || stage.tickets.rename_ticket_holder(name.clone()).await).await);
            }));
        }
        let refund = RefundOrder {
            by: stage.organizer,
            order: *order,
            tickets: None,
            reason: None,
            keep_places_back: false,
            idempotency_key: order.to_string(),
        };
        if number % 2 == 0 {
            crowd.push(Box::pin(async move {
                does("refund", async || stage.tickets.refund_order(refund.clone()).await).await.unwrap();
            }));
        }
    }
    for email in addresses {
        let told = account(UserId::new(), 1, email, true);
        crowd.push(Box::pin(async move {
            does("account", async || stage.tickets.learn_account(told.clone()).await).await.unwrap();
        }));
    }
    join_all(crowd).await;
    assert_eq!(bought.counts("tickets WHERE owner_address IS NOT NULL").await, 0, "all are known by now");
    stage.assert_invariants().await;
}
