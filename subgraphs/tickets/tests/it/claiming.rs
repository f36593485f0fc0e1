//! What a guest bought comes into an account, for whoever reads the mail in which it was confirmed.

use contracts::{tickets::OrderClaimed, users::AccountChanged};
use kernel::{EmailAddress, UserId};
use serde_json::{Value, json};
use tickets::domain::{
    entities::{ClaimToken, TicketSnapshot},
    use_cases::ClaimOrder,
};

use crate::{
    handing_on::{Bought, account, heard},
    stage::{Payments, STALLS, Stage, code},
};

const CLAIM: &str = "mutation ($input: ClaimOrderInput!) { claimOrder(input: $input) { id number buyer { id } \
                     tickets { id mine code } history { kind message } } }";
const ADDRESS: &str = "guest@example.org";

/// Two seats that a guest has bought, whose address is known.
async fn bought_by_a_guest() -> Bought {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    stage.hear(&AccountChanged { guest: true, ..account(buyer, 1, ADDRESS, false) }).await;
    let order = stage.checks_out(&stage.holds(buyer, &[0, 1]).await.unwrap()).await;
    let confirmation = stage.carry(Payments::Pay).await.remove(0);
    Bought { stage, order, buyer, confirmation }
}

fn ask(bought: &Bought, by: UserId) -> ClaimOrder {
    ClaimOrder {
        by,
        number: bought.order.state().number.clone(),
        address: EmailAddress::parse("email", ADDRESS).unwrap(),
        token: ClaimToken(bought.confirmation.claim_token.clone().unwrap()),
    }
}

fn owners(tickets: &[TicketSnapshot]) -> Vec<Option<UserId>> {
    tickets.iter().map(|ticket| ticket.owner).collect()
}

#[tokio::test]
async fn what_a_guest_bought_is_in_the_account_of_who_has_the_mail_and_in_the_guests_no_more() {
    let bought = bought_by_a_guest().await;
    let ada = UserId::new();
    let code = bought.first().await.code;
    let token = bought.confirmation.claim_token.clone().unwrap();
    let number = bought.order.state().number.to_lowercase();
    let input = json!({ "input": { "number": number, "email": "Guest@example.org", "token": token } });
    let mut claimed = bought.stage.data(Some(ada), CLAIM, input.clone()).await;
    let claimed = claimed["claimOrder"].take();
    assert_eq!(claimed["buyer"]["id"], json!(ada.public()));
    assert_eq!(claimed["tickets"][0]["code"], json!(code), "codes stay as they are");
    assert!(claimed["tickets"].as_array().unwrap().iter().all(|ticket| ticket["mine"] == true), "{claimed}");
    let last = claimed["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["kind"], "CLAIMED", "{claimed}");
    let told = heard::<OrderClaimed>(&bought.stage.waiting().await);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].from, told[0].to), (bought.buyer, ada));

    assert_eq!(bought.tickets_of(bought.buyer).await, Vec::<Value>::new());
    assert_eq!(bought.tickets_of(ada).await.len(), 2);
    let orders = "query ($id: ID!) { order(id: $id) { number reservation { id } } }";
    let id = json!({ "id": bought.order.state().id });
    assert_eq!(bought.stage.data(Some(bought.buyer), orders, id.clone()).await["order"], Value::Null);
    let seen = bought.stage.data(Some(ada), orders, id).await;
    assert!(seen["order"]["reservation"].is_object(), "its reservation comes with it: {seen}");

    let again = bought.stage.data(Some(ada), CLAIM, input).await;
    assert_eq!(again["claimOrder"]["number"], claimed["number"]);
    assert_eq!(heard::<OrderClaimed>(&bought.stage.waiting().await).len(), 0, "doing it twice is once");
}

#[tokio::test]
async fn a_claim_works_once_and_not_for_a_second_account() {
    let bought = bought_by_a_guest().await;
    let (ada, eve) = (UserId::new(), UserId::new());
    bought.stage.tickets.claim_order(ask(&bought, ada)).await.unwrap();
    let refused = bought.stage.tickets.claim_order(ask(&bought, eve)).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().reason, "ORDER_HAS_ACCOUNT");
    assert_eq!(owners(&bought.tickets().await), [Some(ada); 2]);
}

#[tokio::test]
async fn whatever_is_wrong_with_a_claim_the_refusal_is_the_same() {
    let (bought, other) = (bought_by_a_guest().await, bought_by_a_guest().await);
    let by = UserId::new();
    let right = || ask(&bought, by);
    let wrong = [
        ClaimOrder { number: "ODY-00000000".to_owned(), ..right() },
        ClaimOrder { address: EmailAddress::parse("email", "eve@example.org").unwrap(), ..right() },
        ClaimOrder { token: ClaimToken(other.confirmation.claim_token.clone().unwrap()), ..right() },
        ClaimOrder { token: ClaimToken("x".repeat(86)), ..right() },
    ];
    let mut messages = Vec::new();
    for wrong in wrong {
        let refused = bought.stage.tickets.claim_order(wrong).await.unwrap_err();
        let refusal = refused.refusal().unwrap();
        messages.push((refusal.code.as_str(), refusal.message.clone()));
    }
    assert!(
        messages.iter().all(|message| *message == messages[0] && message.0 == "NOT_FOUND"),
        "{messages:?}"
    );
}

#[tokio::test]
async fn who_guesses_is_told_to_wait_and_who_is_right_never() {
    let bought = bought_by_a_guest().await;
    let (ada, eve) = (UserId::new(), UserId::new());
    for _ in 0..20 {
        let guess = ClaimOrder { token: ClaimToken("guess".to_owned()), ..ask(&bought, eve) };
        assert_eq!(code(bought.stage.tickets.claim_order(guess).await), "NOT_FOUND");
    }
    assert_eq!(code(bought.stage.tickets.claim_order(ask(&bought, eve)).await), "RATE_LIMITED");
    for _ in 0..30 {
        bought.stage.tickets.claim_order(ask(&bought, ada)).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_in_an_account_already_stays_there() {
    let bought = bought_by_a_guest().await;
    // The guest has registered: what they bought is in their account with that.
    bought.stage.hear(&account(bought.buyer, 2, ADDRESS, true)).await;
    let refused = bought.stage.tickets.claim_order(ask(&bought, UserId::new())).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().reason, "ORDER_HAS_ACCOUNT");
    bought.stage.tickets.claim_order(ask(&bought, bought.buyer)).await.unwrap();
    assert_eq!(owners(&bought.tickets().await), [Some(bought.buyer); 2]);
}

#[tokio::test]
async fn a_guest_has_no_account_into_which_an_order_could_come() {
    let (bought, guest) = (bought_by_a_guest().await, UserId::new());
    bought.stage.hear(&AccountChanged { guest: true, ..account(guest, 1, "two@example.org", false) }).await;
    let refused = bought.stage.tickets.claim_order(ask(&bought, guest)).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().reason, "NO_ACCOUNT_YET");
}

#[tokio::test]
async fn tickets_that_were_passed_on_stay_with_whoever_has_them() {
    let bought = bought_by_a_guest().await;
    let (ada, grace) = (UserId::new(), UserId::new());
    bought.stage.hear(&account(grace, 1, "grace@example.org", true)).await;
    let first = bought.first().await.id;
    bought.gives(bought.buyer, first, "grace@example.org").await.unwrap();
    bought.stage.tickets.claim_order(ask(&bought, ada)).await.unwrap();
    let mut owners = owners(&bought.tickets().await);
    owners.sort();
    let mut expected = [Some(ada), Some(grace)];
    expected.sort();
    assert_eq!(owners, expected);
    assert_eq!(
        bought.sees(ada, first).await["status"],
        "TRANSFERRED",
        "who claims sees what the guest has seen"
    );
}

#[tokio::test]
async fn two_who_claim_at_once_do_not_both_get_it() {
    let bought = bought_by_a_guest().await;
    let people = [UserId::new(), UserId::new(), UserId::new()];
    let claims = people.map(|by| bought.stage.tickets.claim_order(ask(&bought, by)));
    let done = futures::future::join_all(claims).await;
    assert_eq!(done.iter().filter(|claim| claim.is_ok()).count(), 1);
    let owners = owners(&bought.tickets().await);
    assert_eq!(owners[0], owners[1]);
}
