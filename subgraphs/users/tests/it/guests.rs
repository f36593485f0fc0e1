//! Who buys without an account.

use std::net::IpAddr;

use chrono::Duration;
use kernel::{ErrorCode, UserId};
use serde_json::{Value, json};
use users::{ContinueAsGuest, Register};

use crate::stage::{ACCEPT, PASSWORD, Person, Stage};

const CONTINUE: &str = "mutation($input: ContinueAsGuestInput!) { continueAsGuest(input: $input) {
    accessToken refreshToken refreshExpiresAt user { id email name guest locale timezone emailVerified } } }";
const REGISTER: &str = "mutation($input: RegisterInput!) { register(input: $input) {
    refreshToken user { id email name guest locale timezone emailVerified } } }";
const LOGIN: &str = "mutation($input: LoginInput!) { login(input: $input) { user { id } } }";
const REFRESH: &str = "mutation($token: String) { refreshSession(refreshToken: $token) { refreshToken } }";

fn registration(email: &str) -> Value {
    json!({ "input": { "email": email, "password": PASSWORD, "name": "Ada" } })
}

/// Who calls register with this address, as the person.
async fn registers(stage: &Stage, caller: Option<UserId>, email: &str) -> UserId {
    let data = stage.data(caller, REGISTER, registration(email)).await;
    data["register"]["user"]["id"].as_str().unwrap().parse().unwrap()
}

async fn refreshes(stage: &Stage, guest: &Person) -> bool {
    stage.users.refresh_session(&guest.refresh_token).await.is_ok()
}

#[tokio::test]
async fn a_guest_is_a_person_with_tokens_who_gets_no_mail() {
    let stage = Stage::new().await;
    let input =
        json!({ "input": { "email": "Ada@example.org", "locale": "de-AT", "timezone": "Europe/Vienna" } });
    let mut payload = stage.data(None, CONTINUE, input).await["continueAsGuest"].take();
    let ends = kernel::Clock::now(&*stage.clock) + Duration::hours(24);
    assert_eq!(payload["refreshExpiresAt"], kernel::rfc3339(ends));
    let id: UserId = payload["user"]["id"].take().as_str().unwrap().parse().unwrap();
    let said = json!({ "id": null, "email": "Ada@example.org", "name": null, "guest": true, "locale": "de-AT",
        "timezone": "Europe/Vienna", "emailVerified": false });
    assert_eq!(payload["user"], said);
    let name = "mutation { updateProfile(input: { name: \"Ada\" }) { name guest } }";
    assert_eq!(stage.data(Some(id), "{ me { name } }", json!({})).await["me"]["name"], json!(null));
    let named = stage.data(Some(id), name, json!({})).await;
    assert_eq!(named["updateProfile"], json!({ "name": "Ada", "guest": true }));
    let told = "odysseus.users.account.changed.v1".to_owned();
    assert_eq!(stage.told().await, [(told.clone(), 1), (told, 2)]);
    assert!(stage.mailed("Ada@example.org").await.is_empty(), "anybody could have given the address");
}

#[tokio::test]
async fn a_guest_lasts_as_long_as_the_tokens_are_refreshed() {
    let stage = Stage::new().await;
    let mut token = stage.guest("ada@example.org").await.refresh_token;
    for _ in 0..3 {
        stage.later(Duration::hours(24) - Duration::seconds(1));
        let data = stage.data(None, REFRESH, json!({ "token": token })).await;
        token = data["refreshSession"]["refreshToken"].as_str().unwrap().to_owned();
    }
    stage.later(Duration::hours(24));
    assert_eq!(stage.refusal(None, REFRESH, json!({ "token": token })).await.0, "UNAUTHENTICATED");
}

#[tokio::test]
async fn whoever_gives_an_address_that_a_guest_gave_before_is_another_guest() {
    let stage = Stage::new().await;
    let (one, other) = (stage.guest("ada@example.org").await, stage.guest("ADA@example.org").await);
    assert_ne!(one.id, other.id);
    assert_eq!(stage.count("accounts WHERE guest").await, 2);
    let names = "mutation { updateProfile(input: { name: \"Ada\" }) { id } }";
    stage.data(Some(one.id), names, json!({})).await;
    let seen = stage.data(Some(other.id), "{ me { name } }", json!({})).await;
    assert_eq!(seen["me"]["name"], json!(null));
}

#[tokio::test]
async fn an_address_that_has_an_account_is_refused_as_by_register() {
    let stage = Stage::new().await;
    stage.register("ada@example.org").await;
    let refused = stage.ask(None, REGISTER, registration("ADA@example.org")).await;
    let guest = stage.ask(None, CONTINUE, json!({ "input": { "email": "ADA@example.org" } })).await;
    assert_eq!(guest["errors"][0]["extensions"]["reason"], "EMAIL_TAKEN");
    for part in ["message", "extensions"] {
        assert_eq!(guest["errors"][0][part], refused["errors"][0][part]);
    }
    assert_eq!(stage.count("accounts WHERE guest").await, 0);
    let mails = stage.mailed("ada@example.org").await;
    assert_eq!(mails.iter().filter(|mail| mail.kind() == "ADDRESS_TAKEN").count(), 1, "once for both");
}

#[tokio::test]
async fn a_guest_who_registers_stays_who_they_are_and_their_earlier_tokens_end() {
    let stage = Stage::new().await;
    let ask = ContinueAsGuest {
        email: "ada@example.org".to_owned(),
        locale: Some("de-AT".to_owned()),
        timezone: Some("Europe/Vienna".to_owned()),
        ..ContinueAsGuest::default()
    };
    let guest = stage.users.continue_as_guest(ask).await.unwrap();
    let id = guest.profile.id;
    let mut payload =
        stage.data(Some(id), REGISTER, registration("ADA@example.org")).await["register"].take();
    let said = json!({ "id": id.public(), "email": "ada@example.org", "name": "Ada", "guest": false, "locale": "de-AT",
        "timezone": "Europe/Vienna", "emailVerified": false });
    assert_eq!(payload["user"].take(), said);
    let earlier = json!({ "token": guest.refresh_token });
    assert_eq!(stage.refusal(None, REFRESH, earlier).await.0, "UNAUTHENTICATED", "others may have it");
    assert_eq!(stage.count("sessions WHERE ended_at IS NULL").await, 1);
    let token = stage.mailed("ada@example.org").await[0].token();
    assert!(stage.users.verify_email(None, &token).await.unwrap().profile.email_verified);
    stage.later(Duration::days(29));
    stage.data(None, REFRESH, json!({ "token": payload["refreshToken"] })).await;
    let login = json!({ "input": { "email": "ada@example.org", "password": PASSWORD } });
    assert_eq!(stage.data(None, LOGIN, login).await["login"]["user"]["id"], json!(id.public()));
    assert_eq!(stage.told().await.iter().map(|told| told.1).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(stage.count("accounts").await, 1);
}

#[tokio::test]
async fn nobody_gets_what_a_guest_has_by_registering_with_the_address() {
    let stage = Stage::new().await;
    let guest = stage.guest("ada@example.org").await;
    let bob = stage.register("bob@example.org").await;
    let cleo = stage.guest("cleo@example.org").await;
    let stranger = registers(&stage, None, "ada@example.org").await;
    assert_ne!(stranger, guest.id);
    let refused = stage.refusal(Some(guest.id), REGISTER, registration("ada@example.org")).await;
    assert_eq!(refused, ("CONFLICT".to_owned(), "email".to_owned()));
    assert!(refreshes(&stage, &guest).await, "a refusal ends no tokens");
    assert_eq!(stage.data(Some(guest.id), "{ me { guest } }", json!({})).await["me"]["guest"], true);
    // Neither another account nor another guest becomes the one or the other.
    for (caller, email) in [(bob.id, "cleo@example.org"), (cleo.id, "dora@example.org")] {
        let opened = registers(&stage, Some(caller), email).await;
        assert!(![bob.id, cleo.id].contains(&opened), "{email}");
    }
    assert!(refreshes(&stage, &bob).await && refreshes(&stage, &cleo).await);
}

#[tokio::test]
async fn of_guests_with_one_address_who_register_at_once_one_gets_it() {
    let stage = Stage::new().await;
    let mut guests = Vec::new();
    for _ in 0..4 {
        guests.push(stage.guest("ada@example.org").await);
    }
    let all = guests
        .iter()
        .flat_map(|guest| [guest, guest])
        .map(|guest| stage.ask(Some(guest.id), REGISTER, registration("ada@example.org")));
    let answers = futures::future::join_all(all).await;
    let refused: Vec<_> =
        answers.iter().filter_map(|answer| answer["errors"][0]["extensions"]["reason"].as_str()).collect();
    assert_eq!(refused, ["EMAIL_TAKEN"; 7], "{answers:?}");
    assert_eq!((stage.count("accounts WHERE NOT guest").await, stage.count("accounts").await), (1, 4));
}

#[tokio::test]
async fn a_guest_founds_joins_and_verifies_nothing() {
    let stage = Stage::new().await;
    let (ada, guest) = (stage.register("ada@example.org").await, stage.guest("bob@example.org").await);
    let opera = stage.found(&ada, "Oper").await;
    let invite = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { id } }";
    let input = json!({ "organizationId": opera, "email": guest.email, "role": "SCANNER" });
    stage.data(Some(ada.id), invite, json!({ "input": input })).await;
    let token = stage.mailed(&guest.email).await[0].token();
    let found = "mutation { createOrganization(input: { name: \"Theater\" }) { id } }";
    for (operation, variables) in [
        (found, json!({})),
        (ACCEPT, json!({ "token": token })),
        ("mutation { requestEmailVerification }", json!({})),
    ] {
        let answer = stage.ask(Some(guest.id), operation, variables).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(
            (&extensions["code"], &extensions["reason"]),
            (&json!("FORBIDDEN"), &json!("ACCOUNT_REQUIRED"))
        );
    }
    registers(&stage, Some(guest.id), &guest.email).await;
    stage.data(Some(guest.id), ACCEPT, json!({ "token": token })).await;
    stage.data(Some(guest.id), found, json!({})).await;
}

#[tokio::test]
async fn nobody_logs_in_as_a_guest_nor_finds_one_by_the_address() {
    let stage = Stage::new().await;
    stage.guest("ada@example.org").await;
    for password in [PASSWORD, "''"] {
        let ask = |email: &str| json!({ "input": { "email": email, "password": password } });
        let guest = stage.ask(None, LOGIN, ask("ada@example.org")).await;
        assert_eq!(guest["errors"][0]["extensions"]["reason"], "WRONG_CREDENTIALS");
        assert_eq!(guest, stage.ask(None, LOGIN, ask("nobody@example.org")).await);
    }
    let refused = stage.users.grant_operator("ada@example.org").await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn guests_and_accounts_of_one_client_are_counted_together() {
    let stage = Stage::new().await;
    let client = Some(IpAddr::from([198, 51, 100, 7]));
    let mut refused = Vec::new();
    for number in 0..102 {
        let email = format!("crew-{number}@example.org");
        let answer = if number % 2 == 0 {
            stage
                .users
                .continue_as_guest(ContinueAsGuest { email, client, ..ContinueAsGuest::default() })
                .await
        } else {
            let (password, name) = (PASSWORD.to_owned(), "Crew".to_owned());
            stage.users.register(None, Register { email, password, name, client, ..Default::default() }).await
        };
        if let Err(error) = answer {
            refused.push((number, error.refusal().unwrap().code));
        }
    }
    assert_eq!(refused, [(100, ErrorCode::RateLimited), (101, ErrorCode::RateLimited)]);
}
