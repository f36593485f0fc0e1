use chrono::Duration;
use e2e::{eventually, until};
use kernel::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::{Stage, id};

/// Enough to put an event on sale and to sell a place before it begins, in seconds.
const AHEAD: i64 = 12;
const ACCOUNT: &str =
    "payoutAccount { status onboardingUrl } balances { payable { amount } paidOut { amount } }";

/// What an owner reads of the house's money.
async fn sees_money(stage: &Stage) -> Option<Value> {
    let query = format!("query($id: ID!) {{ organization(id: $id) {{ {ACCOUNT} }} }}");
    let house = json!({ "id": stage.show.organization });
    stage.organizer.does("organization", &query, house).await.ok()
}

/// The owner answers the payment provider's questions: the house's account there.
async fn opens_an_account(stage: &Stage) -> String {
    let opened = sees_money(stage).await.unwrap();
    assert_eq!(opened["payoutAccount"]["status"], "NOT_STARTED");
    let address = opened["payoutAccount"]["onboardingUrl"].as_str().unwrap();
    let asked = reqwest::Client::new().get(address).header("accept", "application/json").send();
    let page: Value = asked.await.unwrap().error_for_status().unwrap().json().await.unwrap();
    stage.platform.sandbox().owner_finishes_onboarding(page["url"].as_str().unwrap()).await;
    eventually("the account can take money", async || {
        let seen = sees_money(stage).await?;
        (seen["payoutAccount"]["status"] == "ACTIVE").then_some(())
    })
    .await;
    id(&stage.platform.sandbox().account_of(&uuid_of(&stage.show.organization)).await.unwrap()).to_owned()
}

/// An id without what says of which kind it is.
fn uuid_of(id: &str) -> String {
    id.split_once('_').map_or(id, |(_, uuid)| uuid).to_owned()
}

#[tokio::test]
async fn what_an_organization_sells_goes_to_its_own_account_and_is_paid_out_after_the_event() {
    let stage = Stage::set().await;
    let query = "mutation($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { id } }";
    let fee = json!({ "name": "Platform", "perTicket": { "amount": "2.00", "currency": "EUR" }, "borneBy": "ORGANIZER" });
    let input =
        json!({ "organizationId": stage.show.organization, "payoutDelayDays": 0, "serviceFees": [fee] });
    stage.organizer.does("updateOrganization", query, json!({ "input": input })).await.unwrap();
    let account = opens_an_account(&stage).await;

    let starts = SystemClock.now() + Duration::seconds(AHEAD);
    let ends = starts + Duration::seconds(1);
    let event = stage.event_between("A Very Short Evening", starts, ends).await;
    let places = stage.organizer.creates_ticket_type(&event, "Standing", &["FLOOR"], "25.00").await.unwrap();
    stage.organizer.publishes(&event).await.unwrap();
    let buyer = stage.person("Bea").await;
    let reservation =
        eventually("the event is on sale", async || buyer.holds_standing(&event, id(&places), 2).await.ok())
            .await;
    let order = buyer.checks_out(id(&reservation)).await.unwrap();
    buyer.pays(id(&order), "pm_card_visa").await.unwrap();
    let order = buyer.waits_for(id(&order), &["COMPLETED"]).await;

    // Two tickets for 25.00; of each, 2.00 are the platform's.
    let payments = stage.platform.sandbox().payments_of(order["number"].as_str().unwrap()).await;
    assert_eq!((&payments[0]["destination"], &payments[0]["amount"]), (&json!(account), &json!(5_000)));
    assert_eq!(payments[0]["applicationFee"], 400, "{payments:?}");

    until(ends).await;
    let paid = eventually("it is paid out", async || {
        let seen = sees_money(&stage).await?;
        (seen["balances"][0]["paidOut"]["amount"] != "0.00").then_some(seen)
    })
    .await;
    assert_eq!(paid["balances"][0]["payable"]["amount"], "0.00", "{paid}");
    let at_stripe = eventually("Stripe has paid", async || {
        let account = stage.platform.sandbox().account_of(&uuid_of(&stage.show.organization)).await?;
        (account["payouts"][0]["status"] == "paid").then_some(account)
    })
    .await;
    let payouts = at_stripe["payouts"].as_array().unwrap();
    let cents: i64 =
        paid["balances"][0]["paidOut"]["amount"].as_str().unwrap().replace('.', "").parse().unwrap();
    assert_eq!((payouts.len(), &payouts[0]["amount"]), (1, &json!(cents)), "{at_stripe}");
    // What Stripe takes for the payment is the organization's to bear, once it is known.
    assert!((4_400..=4_600).contains(&cents), "{cents}");
}
