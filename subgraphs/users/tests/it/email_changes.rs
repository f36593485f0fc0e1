//! Addresses that change, once both agree.

use chrono::Duration;
use kernel::UserId;
use serde_json::{Value, json};

use crate::stage::{PASSWORD, Person, Stage};

const CHANGE: &str = "mutation($input: ChangeEmailInput!) { changeEmail(input: $input) {
    newEmail oldAddressAgrees newAddressAgrees done } }";
const CONFIRM: &str = "mutation($token: String!) { confirmEmailChange(token: $token) {
    newEmail oldAddressAgrees newAddressAgrees done } }";
const ME: &str = "{ me { email emailVerified emailChange { newEmail oldAddressAgrees newAddressAgrees } } }";
const OLD: &str = "ada@example.org";
const NEW: &str = "Ada@example.net";

/// Somebody whose address is verified.
async fn verified(stage: &Stage) -> Person {
    let ada = stage.register(OLD).await;
    let token = stage.mailed(OLD).await[0].token();
    stage.users.verify_email(None, &token).await.unwrap();
    ada
}

fn to(email: &str) -> Value {
    json!({ "input": { "newEmail": email, "password": PASSWORD } })
}

/// What stands in the last link that was mailed there.
async fn link(stage: &Stage, email: &str) -> Value {
    json!({ "token": stage.mailed(email).await.last().unwrap().token() })
}

async fn me(stage: &Stage, id: UserId) -> Value {
    stage.data(Some(id), ME, json!({})).await["me"].take()
}

#[tokio::test]
async fn an_address_changes_once_both_links_were_opened_whichever_comes_first() {
    for old_first in [true, false] {
        let stage = Stage::new().await;
        let ada = verified(&stage).await;
        let begun = stage.data(Some(ada.id), CHANGE, to(NEW)).await;
        let waiting = json!({ "newEmail": NEW, "oldAddressAgrees": false, "newAddressAgrees": false });
        assert_eq!(begun["changeEmail"]["done"], false);
        assert_eq!(
            me(&stage, ada.id).await,
            json!({ "email": OLD, "emailVerified": true, "emailChange": waiting })
        );
        let (old, new) = (link(&stage, OLD).await, link(&stage, NEW).await);
        assert_eq!(stage.mailed(OLD).await.last().unwrap().0["kind"]["new_email"], NEW);
        let (first, last) = if old_first { (&old, &new) } else { (&new, &old) };
        for _ in 0..2 {
            let half = stage.data(None, CONFIRM, first.clone()).await["confirmEmailChange"].take();
            assert_eq!(
                (&half["oldAddressAgrees"], &half["newAddressAgrees"]),
                (&json!(old_first), &json!(!old_first))
            );
            assert_eq!(me(&stage, ada.id).await["email"], OLD);
        }
        for _ in 0..2 {
            let whole = stage.data(None, CONFIRM, last.clone()).await["confirmEmailChange"].take();
            assert_eq!(
                whole,
                json!({ "newEmail": NEW, "oldAddressAgrees": true, "newAddressAgrees": true, "done": true })
            );
        }
        assert_eq!(
            me(&stage, ada.id).await,
            json!({ "email": NEW, "emailVerified": true, "emailChange": null })
        );
        let told = stage.payloads("odysseus.users.account.changed.v1").await;
        assert_eq!((told.len(), &told[2]["email"]), (3, &json!(NEW)));
        assert_eq!(stage.mailed(OLD).await.last().unwrap().kind(), "ADDRESS_CHANGED");
        stage.register(OLD).await;
    }
}

#[tokio::test]
async fn an_address_that_was_never_verified_need_not_agree() {
    let stage = Stage::new().await;
    let ada = stage.register("adda@example.org").await;
    stage.data(Some(ada.id), CHANGE, to(OLD)).await;
    assert_eq!(
        stage.mailed("adda@example.org").await.len(),
        1,
        "whose it is nobody knows: it hears of nothing"
    );
    stage.data(None, CONFIRM, link(&stage, OLD).await).await;
    assert_eq!(me(&stage, ada.id).await, json!({ "email": OLD, "emailVerified": true, "emailChange": null }));
    assert_eq!(stage.mailed("adda@example.org").await.len(), 1);
}

#[tokio::test]
async fn an_address_that_got_an_account_meanwhile_stays_with_it() {
    let stage = Stage::new().await;
    let ada = verified(&stage).await;
    let taken = stage.register("bob@example.org").await;
    let refused = stage.refusal(Some(ada.id), CHANGE, to("BOB@example.org")).await;
    assert_eq!(refused, ("CONFLICT".to_owned(), "newEmail".to_owned()));
    stage.data(Some(ada.id), CHANGE, to(NEW)).await;
    let (old, new) = (link(&stage, OLD).await, link(&stage, NEW).await);
    stage.data(None, CONFIRM, old).await;
    let cleo = stage.register("ada@EXAMPLE.net").await;
    assert_eq!(stage.refusal(None, CONFIRM, new).await.0, "CONFLICT");
    assert_eq!(me(&stage, ada.id).await["email"], OLD);
    assert_eq!(me(&stage, cleo.id).await["email"], "ada@EXAMPLE.net");
    assert_eq!(me(&stage, taken.id).await["email"], "bob@example.org");
    assert!(stage.mailed(OLD).await.iter().all(|mail| mail.kind() != "ADDRESS_CHANGED"));
}

#[tokio::test]
async fn of_a_registration_and_a_change_to_one_address_at_once_one_gets_it() {
    for _ in 0..4 {
        let stage = Stage::new().await;
        let ada = verified(&stage).await;
        stage.data(Some(ada.id), CHANGE, to(NEW)).await;
        let (old, new) = (link(&stage, OLD).await, link(&stage, NEW).await);
        stage.data(None, CONFIRM, old).await;
        let register = "mutation($input: RegisterInput!) { register(input: $input) { accessToken } }";
        let input = json!({ "input": { "email": NEW, "password": PASSWORD, "name": "Eve" } });
        let (registered, changed) =
            tokio::join!(stage.ask(None, register, input), stage.ask(None, CONFIRM, new));
        let failed = [&registered, &changed].map(|answer| answer["errors"][0]["extensions"]["code"].as_str());
        assert!(
            matches!(failed, [None, Some("CONFLICT")] | [Some("CONFLICT"), None]),
            "{registered} {changed}"
        );
        assert_eq!(stage.count("accounts WHERE email_normalised = 'ada@example.net'").await, 1);
    }
}

#[tokio::test]
async fn a_change_is_taken_back_replaced_or_over_and_its_links_are_worth_nothing() {
    let stage = Stage::new().await;
    let ada = verified(&stage).await;
    stage.data(Some(ada.id), CHANGE, to(NEW)).await;
    let replaced = link(&stage, NEW).await;
    assert_eq!(stage.refusal(Some(ada.id), CHANGE, to("ada@example.com")).await.0, "RATE_LIMITED");
    stage.later(Duration::minutes(1));
    stage.data(Some(ada.id), CHANGE, to("ada@example.com")).await;
    let cancelled = link(&stage, "ada@example.com").await;
    assert_eq!(stage.refusal(None, CONFIRM, replaced).await.0, "NOT_FOUND");
    let cancel = "mutation { cancelEmailChange }";
    for was_there in [true, false] {
        assert_eq!(stage.data(Some(ada.id), cancel, json!({})).await["cancelEmailChange"], was_there);
    }
    assert_eq!(stage.refusal(None, CONFIRM, cancelled).await.0, "NOT_FOUND");
    stage.later(Duration::minutes(1));
    stage.data(Some(ada.id), CHANGE, to(NEW)).await;
    let late = link(&stage, NEW).await;
    stage.later(Duration::hours(24));
    assert_eq!(stage.refusal(None, CONFIRM, late).await.0, "NOT_FOUND");
    assert_eq!(me(&stage, ada.id).await["emailChange"], json!(null));
}

#[tokio::test]
async fn another_password_takes_back_what_somebody_else_may_have_begun() {
    let stage = Stage::new().await;
    let ada = verified(&stage).await;
    stage.data(Some(ada.id), CHANGE, to("eve@example.net")).await;
    let of_eve = link(&stage, "eve@example.net").await;
    let input =
        json!({ "input": { "currentPassword": PASSWORD, "newPassword": "a brand new paper lantern" } });
    let change = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { id } }";
    stage.data(Some(ada.id), change, input).await;
    assert_eq!(stage.refusal(None, CONFIRM, of_eve).await.0, "NOT_FOUND");
}

#[tokio::test]
async fn who_changes_an_address_shows_the_password_and_is_no_guest() {
    let stage = Stage::new().await;
    let ada = verified(&stage).await;
    let without = json!({ "input": { "newEmail": NEW } });
    let refused = stage.refusal(Some(ada.id), CHANGE, without.clone()).await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "password".to_owned()));
    let wrong = json!({ "input": { "newEmail": NEW, "password": "not-the-password" } });
    let refused = stage.refusal(Some(ada.id), CHANGE, wrong).await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "password".to_owned()));
    for bad in ["", "ada", "\u{ad}ada@example.net", OLD] {
        let refused = stage.refusal(Some(ada.id), CHANGE, to(bad)).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "newEmail".to_owned()), "{bad:?}");
    }
    assert_eq!(stage.refusal(None, CHANGE, to(NEW)).await.0, "UNAUTHENTICATED");
    let guest = stage.guest("guest@example.org").await;
    assert_eq!(stage.refusal(Some(guest.id), CHANGE, to(NEW)).await.0, "FORBIDDEN");
    assert!(stage.mailed(NEW).await.is_empty());
    let here = stage.latest_session(&ada).await;
    let fresh = stage.ask_in(Some((ada.id, here)), CHANGE, without).await;
    assert!(fresh.get("errors").is_none(), "{fresh}");
}

#[tokio::test]
async fn an_address_can_be_written_anew_by_who_has_it() {
    let stage = Stage::new().await;
    let ada = verified(&stage).await;
    stage.data(Some(ada.id), CHANGE, to("Ada@Example.org")).await;
    stage.data(None, CONFIRM, link(&stage, "Ada@Example.org").await).await;
    stage.data(None, CONFIRM, link(&stage, OLD).await).await;
    assert_eq!(me(&stage, ada.id).await["email"], "Ada@Example.org");
}
