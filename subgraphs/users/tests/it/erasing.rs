//! People who leave, and take with them what tells who they were.

use serde_json::{Value, json};
use users::LogIn;

use crate::stage::{PASSWORD, Stage};

const DELETE: &str = "mutation($password: String!) { deleteAccount(password: $password) }";

fn with(password: &str) -> Value {
    json!({ "password": password })
}

#[tokio::test]
async fn who_deletes_their_account_leaves_nothing_that_tells_who_they_were_and_the_address_is_free() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let phone = "mutation { updateProfile(input: { phone: \"+43 1 234 5678\", locale: \"de\" }) { id } }";
    stage.data(Some(ada.id), phone, json!({})).await;
    let session = stage.latest_session(&ada).await;
    let boss = stage.register("boss@example.org").await;
    let opera = stage.found(&boss, "Oper").await;
    stage.enlists(&boss, &opera, &ada, "MANAGER").await;
    let invite = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { id } }";
    let theatre = stage.found(&boss, "Theater").await;
    let input = json!({ "organizationId": theatre, "email": "ADA@example.org", "role": "SCANNER" });
    stage.data(Some(boss.id), invite, json!({ "input": input })).await;

    assert_eq!(stage.data(Some(ada.id), DELETE, with(PASSWORD)).await["deleteAccount"], true);
    let told = stage.payloads("odysseus.users.account.changed.v1").await;
    let last = told.iter().rfind(|told| told["user_id"] == json!(ada.id)).unwrap();
    assert_eq!((&last["erased"], &last["email"], &last["name"]), (&json!(true), &json!(""), &json!("")));
    assert!(last.get("phone").is_none_or(Value::is_null));
    let left = stage.payloads("odysseus.users.membership.changed.v1").await;
    assert_eq!(left.iter().rfind(|told| told["user_id"] == json!(ada.id)).unwrap()["role"], json!(null));
    let farewell = stage.mailed("ada@example.org").await.pop().unwrap();
    assert_eq!((farewell.kind(), farewell.0.get("user_id")), ("ACCOUNT_DELETED", None));

    for kept in [
        "accounts WHERE email LIKE '%ada%' OR email_normalised LIKE '%ada%' OR name LIKE '%ada%'",
        "accounts WHERE phone IS NOT NULL",
        "invitations WHERE email_normalised LIKE 'ada%'",
    ] {
        assert_eq!(stage.count(kept).await, 0, "{kept}");
    }
    for table in ["known_clients", "warnings", "address_proofs", "address_changes"] {
        let of_others = stage
            .count(&format!("{table} WHERE account_id IN (SELECT id FROM accounts WHERE email = '')"))
            .await;
        assert_eq!(of_others, 0, "{table}");
    }
    assert!(stage.users.session_has_ended(session).await.unwrap());
    stage.users.refresh_session(&ada.refresh_token).await.unwrap_err();
    let ask = LogIn { email: ada.email.clone(), password: PASSWORD.to_owned(), ..LogIn::default() };
    stage.users.log_in(ask).await.unwrap_err();
    let again = stage.register("ada@example.org").await;
    assert_ne!(again.id, ada.id);
    let members = "query($id: ID) { organization(id: $id) { members { totalCount } } }";
    let seen = stage.data(Some(boss.id), members, json!({ "id": opera })).await;
    assert_eq!(seen["organization"]["members"]["totalCount"], 1);
}

#[tokio::test]
async fn the_last_owner_stays_until_there_is_another() {
    let stage = Stage::new().await;
    let (ada, bob) = (stage.register("ada@example.org").await, stage.register("bob@example.org").await);
    let opera = stage.found(&ada, "Oper").await;
    let refused = stage.ask(Some(ada.id), DELETE, with(PASSWORD)).await;
    assert_eq!(refused["errors"][0]["extensions"]["reason"], "LAST_OWNER");
    stage.users.refresh_session(&ada.refresh_token).await.unwrap();
    stage.enlists(&ada, &opera, &bob, "OWNER").await;
    stage.data(Some(ada.id), DELETE, with(PASSWORD)).await;
}

#[tokio::test]
async fn nobody_is_erased_without_the_password() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let refused = stage.refusal(Some(ada.id), DELETE, with("not-the-password")).await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "password".to_owned()));
    assert_eq!(stage.refusal(None, DELETE, with(PASSWORD)).await.0, "UNAUTHENTICATED");
    let guest = stage.guest("guest@example.org").await;
    assert_eq!(stage.refusal(Some(guest.id), DELETE, with(PASSWORD)).await.0, "FORBIDDEN");
    stage.users.refresh_session(&ada.refresh_token).await.unwrap();
}
