//! What is shown at a login besides the password.

use std::net::IpAddr;

use chrono::Duration;
use kernel::{Clock as _, ErrorCode, SessionId};
use reqwest::Client;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use service::{Foundation, TokenVerifier};
use testbed::{Served, problem};
use totp_rs::Totp;
use users::{
    Config,
    domain::use_cases::sign_in::{Arrival, CompleteLogin, Proof},
};

use crate::stage::{PASSWORD, Person, Stage};

const LOGIN: &str = "mutation($input: LoginInput!) { login(input: $input) { refreshToken user { id } } }";
const COMPLETE: &str =
    "mutation($input: CompleteLoginInput!) { completeLogin(input: $input) { refreshToken user { id } } }";
const BEGIN: &str = "mutation($proof: ProofInput) { beginTotp(proof: $proof) {
    challenge secret otpauthUri qrSvg expiresAt } }";
const CONFIRM: &str = "mutation($input: ConfirmTotpInput!) { confirmTotp(input: $input) {
    secondFactor { id kind name createdAt } recoveryCodes } }";
const RENEW: &str = "mutation($proof: ProofInput!) { renewRecoveryCodes(proof: $proof) }";
const REMOVE: &str = "mutation($id: ID!, $proof: ProofInput!) { removeSecondFactor(id: $id, proof: $proof) {
    secondFactors { kind } } }";
const FACTORS: &str = "{ me { secondFactors { id kind name } } }";

/// A person with an app, who logs in by it.
pub(crate) struct Ada {
    person: Person,
    app: Totp,
    factor: String,
    recovery_codes: Vec<String>,
}

impl Ada {
    pub(crate) async fn on(stage: &Stage) -> Self {
        let person = stage.register("ada@example.org").await;
        let begun = stage.data(Some(person.id), BEGIN, json!({ "proof": { "password": PASSWORD } })).await;
        let begun = &begun["beginTotp"];
        let app = Totp::from_url(begun["otpauthUri"].as_str().unwrap()).unwrap();
        let input =
            json!({ "challenge": begun["challenge"], "code": shown(stage, &app), "name": "My phone" });
        let added = stage.data(Some(person.id), CONFIRM, json!({ "input": input })).await;
        let added = &added["confirmTotp"];
        let codes = added["recoveryCodes"].as_array().unwrap().iter().map(text);
        let (factor, recovery_codes) = (text(&added["secondFactor"]["id"]), codes.collect());
        // What it has shown just now it does not show again.
        stage.later(Duration::seconds(30));
        Self { person, app, factor, recovery_codes }
    }

    async fn challenge(&self, stage: &Stage) -> String {
        let refused = stage.refused(None, LOGIN, login(PASSWORD), "SECOND_FACTOR_REQUIRED").await;
        assert_eq!(refused["code"], "UNAUTHENTICATED");
        text(&refused["challenge"])
    }

    fn shows(&self, stage: &Stage) -> String {
        shown(stage, &self.app)
    }
}

fn shown(stage: &Stage, app: &Totp) -> String {
    app.generate(u64::try_from(stage.clock.now().timestamp()).unwrap()).to_string()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn login(password: &str) -> Value {
    json!({ "input": { "email": "ada@example.org", "password": password } })
}

fn code(challenge: &str, code: &str) -> Value {
    json!({ "input": { "challenge": challenge, "code": code } })
}

/// Six digits that are wrong now and at all times near.
fn wrong(ada: &Ada, stage: &Stage) -> String {
    let now = u64::try_from(stage.clock.now().timestamp()).unwrap();
    let right: Vec<_> = [0, 30, 60].iter().map(|by| ada.app.generate(now + by - 30).to_string()).collect();
    ["000000", "111111", "222222", "333333"]
        .into_iter()
        .find(|code| !right.contains(&(*code).to_owned()))
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_login_asks_for_the_second_factor_and_a_code_completes_it_once() {
    let stage = Stage::new().await;
    let ada = Ada::on(&stage).await;
    let sessions = stage.count("sessions").await;
    let refused = stage.refused(None, LOGIN, login(PASSWORD), "SECOND_FACTOR_REQUIRED").await;
    assert_eq!(refused["methods"], json!(["TOTP", "RECOVERY_CODES"]));
    assert_eq!(stage.count("sessions").await, sessions, "nobody is in yet");
    stage.refused(None, LOGIN, login("not-the-password"), "WRONG_CREDENTIALS").await;

    let challenge = text(&refused["challenge"]);
    let right = ada.shows(&stage);
    let data = stage.data(None, COMPLETE, code(&challenge, &right)).await;
    assert_eq!(data["completeLogin"]["user"]["id"], ada.person.id.public().to_string());
    stage.refused(None, COMPLETE, code(&challenge, &right), "SIGN_IN_OVER").await;
    let another = ada.challenge(&stage).await;
    stage.refused(None, COMPLETE, code(&another, &right), "WRONG_CODE").await;
    stage.later(Duration::seconds(30));
    stage.data(None, COMPLETE, code(&another, &ada.shows(&stage))).await;
}

#[tokio::test]
async fn a_challenge_is_worth_nothing_after_ten_minutes_to_others_and_when_it_is_none() {
    let stage = Stage::new().await;
    let ada = Ada::on(&stage).await;
    let late = ada.challenge(&stage).await;
    stage.later(Duration::minutes(10));
    stage.refused(None, COMPLETE, code(&late, &ada.shows(&stage)), "SIGN_IN_OVER").await;
    for none in ["", "none of ours", &"A".repeat(43)] {
        stage.refused(None, COMPLETE, code(none, &ada.shows(&stage)), "SIGN_IN_OVER").await;
    }
    let begun = stage.data(Some(ada.person.id), BEGIN, json!({ "proof": { "password": PASSWORD } })).await;
    let of_an_app = text(&begun["beginTotp"]["challenge"]);
    stage.refused(None, COMPLETE, code(&of_an_app, &ada.shows(&stage)), "SIGN_IN_OVER").await;
    let refused = stage.refused(None, COMPLETE, code(&late, "12345"), "MALFORMED").await;
    assert_eq!(refused["field"], "code");
}

#[tokio::test]
async fn a_recovery_code_completes_a_login_once_and_its_owner_is_told() {
    let stage = Stage::new().await;
    let ada = Ada::on(&stage).await;
    assert_eq!(ada.recovery_codes.len(), 10);
    let challenge = ada.challenge(&stage).await;
    stage.data(None, COMPLETE, code(&challenge, &ada.recovery_codes[0].to_lowercase())).await;
    let challenge = ada.challenge(&stage).await;
    stage.refused(None, COMPLETE, code(&challenge, &ada.recovery_codes[0]), "WRONG_CODE").await;

    let proof = json!({ "proof": { "code": ada.recovery_codes[1] } });
    let renewed = stage.data(Some(ada.person.id), RENEW, proof).await;
    assert_eq!(renewed["renewRecoveryCodes"].as_array().unwrap().len(), 10);
    stage.refused(None, COMPLETE, code(&challenge, &ada.recovery_codes[2]), "WRONG_CODE").await;
    stage.data(None, COMPLETE, code(&challenge, &text(&renewed["renewRecoveryCodes"][9]))).await;
    let told = stage.mailed("ada@example.org").await;
    let told: Vec<_> = told
        .iter()
        .filter(|mail| mail.kind() == "SECOND_FACTOR_CHANGED")
        .map(|mail| text(&mail.0["kind"]["what"]))
        .collect();
    assert_eq!(told, ["TOTP_ADDED", "RECOVERY_CODE_USED", "RECOVERY_CODES_RENEWED", "RECOVERY_CODE_USED"]);
}

#[tokio::test]
async fn five_wrong_codes_end_a_login_and_twenty_pause_the_app_elsewhere_but_nothing_else() {
    let stage = Stage::new().await;
    let ada = Ada::on(&stage).await;
    let wrong = wrong(&ada, &stage);
    let elsewhere = async |challenge: &str, code: &str| {
        let client = Some(IpAddr::from([198, 51, 100, 7]));
        let ask = CompleteLogin {
            challenge: challenge.to_owned(),
            code: code.to_owned(),
            refresh_token: None,
            arrival: Arrival { client, device: None },
        };
        let refused = stage.users.complete_login(ask).await.map(drop);
        refused.map_err(|error| error.refusal().unwrap().clone())
    };
    for _ in 0..4 {
        let challenge = ada.challenge(&stage).await;
        for _ in 0..5 {
            assert_eq!(elsewhere(&challenge, &wrong).await.unwrap_err().reason, "WRONG_CODE");
        }
        assert_eq!(elsewhere(&challenge, &ada.shows(&stage)).await.unwrap_err().reason, "SIGN_IN_OVER");
    }
    let challenge = ada.challenge(&stage).await;
    let paused = elsewhere(&challenge, &ada.shows(&stage)).await.unwrap_err();
    assert_eq!((paused.code, paused.reason.as_ref()), (ErrorCode::RateLimited, "TOO_MANY_WRONG_CODES"));
    assert!(paused.details["retryAfterSeconds"].as_i64().unwrap() <= 3_601);
    elsewhere(&challenge, &ada.recovery_codes[0]).await.unwrap();
    // Ada has registered where no client is told: there she is known.
    let challenge = ada.challenge(&stage).await;
    stage.data(None, COMPLETE, code(&challenge, &ada.shows(&stage))).await;
}

#[tokio::test]
async fn one_code_completes_one_login_also_at_the_same_time() {
    let stage = Stage::new().await;
    let ada = Ada::on(&stage).await;
    let mut challenges = Vec::new();
    for _ in 0..4 {
        challenges.push(ada.challenge(&stage).await);
    }
    let right = ada.shows(&stage);
    let all = challenges.iter().map(|challenge| stage.ask(None, COMPLETE, code(challenge, &right)));
    let answers = futures::future::join_all(all).await;
    assert_eq!(answers.iter().filter(|answer| answer.get("errors").is_none()).count(), 1);
}

#[tokio::test]
async fn rest_and_the_link_of_a_forgotten_password_ask_for_it_too() {
    let stage = Stage::new().await;
    let ada = Ada::on(&stage).await;
    let keys = users::signing_keys(&Config::quick(), &stage.database).jwks().await.unwrap();
    let foundation = Foundation {
        bus: std::sync::Arc::new(messaging::InProcessBus::new()),
        clock: stage.clock.clone(),
        tokens: TokenVerifier::with_keys(keys, stage.clock.clone()),
    };
    let assembled = users::assemble(Config::quick(), stage.database.clone(), &foundation).await.unwrap();
    let served = Served::start(assembled.routes).await;
    let url = format!("{}/api/users/v1/token", served.url);
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let refused = problem(Client::new().post(&url).json(&body).send().await.unwrap()).await;
    assert_eq!((&refused["status"], &refused["reason"]), (&json!(401), &json!("SECOND_FACTOR_REQUIRED")));
    let complete = |code: String| {
        let body = json!({ "challenge": refused["challenge"], "code": code });
        Client::new().post(format!("{url}/complete")).json(&body).send()
    };
    let wrong = problem(complete(wrong(&ada, &stage)).await.unwrap()).await;
    assert_eq!((&wrong["status"], &wrong["reason"]), (&json!(401), &json!("WRONG_CODE")));
    let logged_in = complete(ada.shows(&stage)).await.unwrap();
    assert_eq!(logged_in.status(), 200);
    assert!(logged_in.json::<Value>().await.unwrap()["refreshToken"].is_string());

    let verify = stage.mailed("ada@example.org").await[0].token();
    stage.users.verify_email(None, &verify).await.unwrap();
    let ask = "mutation { requestPasswordReset(email: \"ada@example.org\") }";
    stage.data(None, ask, json!({})).await;
    let token = stage.mailed("ada@example.org").await.last().unwrap().token();
    let reset = "mutation($token: String!, $new: String!) { resetPassword(token: $token, newPassword: $new) {
        refreshToken } }";
    let chosen = json!({ "token": token, "new": "four words on paper" });
    let refused = stage.refused(None, reset, chosen, "SECOND_FACTOR_REQUIRED").await;
    stage.later(Duration::seconds(30));
    stage.data(None, COMPLETE, code(&text(&refused["challenge"]), &ada.shows(&stage))).await;
}

#[tokio::test]
async fn a_new_password_ends_a_login_that_waits_for_the_second_factor() {
    let stage = Stage::new().await;
    let ada = Ada::on(&stage).await;
    let of_a_thief = ada.challenge(&stage).await;
    let change = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { id } }";
    let input = json!({ "currentPassword": PASSWORD, "newPassword": "four words on paper" });
    stage.data(Some(ada.person.id), change, json!({ "input": input })).await;
    stage.refused(None, COMPLETE, code(&of_a_thief, &ada.shows(&stage)), "SIGN_IN_OVER").await;
}

#[tokio::test]
async fn who_removes_a_factor_shows_who_they_are_and_the_password_is_enough_afterwards() {
    let stage = Stage::new().await;
    let ada = Ada::on(&stage).await;
    let me = Some(ada.person.id);
    let with = |proof: Value| json!({ "id": ada.factor, "proof": proof });
    stage.refused(me, REMOVE, with(json!({})), "REQUIRED").await;
    stage.refused(me, REMOVE, with(json!({ "password": "not-the-password" })), "PASSWORD_WRONG").await;
    stage.refused(me, REMOVE, with(json!({ "code": wrong(&ada, &stage) })), "CODE_WRONG").await;
    let both = json!({ "password": PASSWORD, "code": ada.shows(&stage) });
    stage.refused(me, REMOVE, with(both), "INCONSISTENT").await;
    let bob = stage.register("bob@example.org").await;
    stage.refused(Some(bob.id), REMOVE, with(json!({ "password": PASSWORD })), "NO_SUCH_SECOND_FACTOR").await;
    assert_eq!(stage.data(me, FACTORS, json!({})).await["me"]["secondFactors"].as_array().unwrap().len(), 2);

    let removed = stage.data(me, REMOVE, with(json!({ "code": ada.shows(&stage) }))).await;
    assert_eq!(removed["removeSecondFactor"]["secondFactors"], json!([]));
    stage.data(None, LOGIN, login(PASSWORD)).await;
    let last = stage.mailed("ada@example.org").await.pop().unwrap();
    assert_eq!(last.0["kind"]["what"], "TOTP_REMOVED");
}

#[tokio::test]
async fn an_app_is_added_by_a_code_of_it_by_whoever_has_just_logged_in_or_shows_the_password() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    stage.refused(Some(ada.id), BEGIN, json!({}), "REQUIRED").await;
    let session = stage.users.sessions(&[ada.id]).await.unwrap()[&ada.id][0].id;
    stage.users.begin_totp(ada.id, session, &Proof::default()).await.unwrap();
    stage.users.begin_totp(ada.id, SessionId::new(), &Proof::default()).await.unwrap_err();
    stage.later(Duration::minutes(10));
    stage.users.begin_totp(ada.id, session, &Proof::default()).await.unwrap_err();

    let begun = stage.data(Some(ada.id), BEGIN, json!({ "proof": { "password": PASSWORD } })).await;
    let begun = &begun["beginTotp"];
    assert!(begun["qrSvg"].as_str().unwrap().starts_with("<svg"));
    let app = Totp::from_url(begun["otpauthUri"].as_str().unwrap()).unwrap();
    assert_eq!(app.secret().to_base32(), text(&begun["secret"]));
    let with = |code: String| json!({ "input": { "challenge": begun["challenge"], "code": code } });
    stage.refused(Some(ada.id), CONFIRM, with("AAAA-AAAA-AAAA-AAAA".to_owned()), "CODE_WRONG").await;
    let bob = stage.register("bob@example.org").await;
    stage.refused(Some(bob.id), CONFIRM, with(shown(&stage, &app)), "CHALLENGE_OVER").await;
    assert_eq!(stage.count("second_factors").await, 0, "nothing has changed yet");
    let added = stage.data(Some(ada.id), CONFIRM, with(shown(&stage, &app))).await;
    assert_eq!(added["confirmTotp"]["secondFactor"]["name"], "Authenticator app");
    stage.refused(Some(ada.id), CONFIRM, with(shown(&stage, &app)), "CHALLENGE_OVER").await;
}

#[tokio::test]
async fn a_guest_has_no_second_factor_and_nobody_sees_anothers() {
    let stage = Stage::new().await;
    let ada = Ada::on(&stage).await;
    let guest = stage.guest("guest@example.org").await;
    stage.refused(Some(guest.id), BEGIN, json!({}), "ACCOUNT_REQUIRED").await;
    let organization = stage.found(&ada.person, "Theatre").await;
    let bob = stage.register("bob@example.org").await;
    stage.enlists(&ada.person, &organization, &bob, "SCANNER").await;
    let members = "query($id: ID) { organization(id: $id) { members { nodes { user { id secondFactors { kind } } } } } }";
    let seen = stage.data(Some(bob.id), members, json!({ "id": organization })).await;
    let nodes = seen["organization"]["members"]["nodes"].as_array().unwrap();
    let of_ada = nodes.iter().find(|node| node["user"]["id"] == ada.person.id.public().to_string()).unwrap();
    assert_eq!(of_ada["user"]["secondFactors"], json!(null));
}

#[tokio::test]
async fn what_is_kept_of_secrets_and_codes_cannot_be_read_from_the_database() {
    let stage = Stage::new().await;
    let ada = Ada::on(&stage).await;
    let backend = stage.database.reads.get_database_backend();
    let query = Statement::from_string(backend, "SELECT secret FROM second_factors");
    let rows = stage.database.reads.query_all_raw(query).await.unwrap();
    let kept: Vec<String> = rows.iter().map(|row| row.try_get("", "secret").unwrap()).collect();
    assert_eq!(kept.len(), 2);
    for kept in kept {
        assert!(!kept.contains(&ada.app.secret().to_base32()));
        for code in &ada.recovery_codes {
            assert!(!kept.contains(code) && !kept.contains(&code.replace('-', "")));
        }
    }
}
