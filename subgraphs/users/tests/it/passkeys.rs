//! Passkeys, with a device of software.

use chrono::Duration;
use kernel::UserId;
use serde_json::{Value, json};
use users::Config;
use webauthn_authenticator_rs::{AuthenticatorBackend as _, softpasskey::SoftPasskey};
use webauthn_rs::prelude::Url;
use webauthn_rs_proto::{
    AllowCredentials, PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions,
};

use crate::stage::{PASSWORD, Stage};

const BEGIN: &str = "mutation($proof: ProofInput) { beginPasskey(proof: $proof) { challenge options } }";
const FINISH: &str = "mutation($input: FinishPasskeyInput!) { finishPasskey(input: $input) {
    secondFactor { id kind name } recoveryCodes } }";
const BEGIN_SIGN_IN: &str = "mutation { beginPasskeySignIn { challenge options } }";
const FINISH_SIGN_IN: &str = "mutation($input: PasskeyAnswerInput!) { finishPasskeySignIn(input: $input) {
    user { id } } }";
const LOGIN: &str = "mutation($input: LoginInput!) { login(input: $input) { user { id } } }";
const REMOVE: &str = "mutation($id: ID!, $proof: ProofInput!) { removeSecondFactor(id: $id, proof: $proof) {
    secondFactors { kind } } }";

/// A device with passkeys, and the page that it is used on.
struct Device {
    soft: SoftPasskey,
    page: Url,
    credential: Option<Vec<u8>>,
}

impl Device {
    fn on(page: &str) -> Self {
        Self { soft: SoftPasskey::new(true), page: Url::parse(page).unwrap(), credential: None }
    }

    fn makes(&mut self, options: &Value) -> String {
        let options: PublicKeyCredentialCreationOptions =
            serde_json::from_str(options.as_str().unwrap()).unwrap();
        let made = self.soft.perform_register(self.page.clone(), options, 60_000).unwrap();
        self.credential = Some(made.raw_id.clone());
        serde_json::to_string(&made).unwrap()
    }

    fn shows(&mut self, options: &Value) -> String {
        let mut options: PublicKeyCredentialRequestOptions =
            serde_json::from_str(options.as_str().unwrap()).unwrap();
        // One that keeps passkeys finds them itself; this one has to be told.
        options.allow_credentials.push(AllowCredentials {
            type_: "public-key".to_owned(),
            id: self.credential.clone().unwrap(),
            transports: None,
        });
        let shown = self.soft.perform_auth(self.page.clone(), options, 60_000).unwrap();
        serde_json::to_string(&shown).unwrap()
    }
}

async fn stage() -> Stage {
    Stage::with(&Config { public_url: "https://tickets.example".to_owned(), ..Config::quick() }).await
}

fn device() -> Device {
    Device::on("https://tickets.example")
}

async fn adds(stage: &Stage, who: UserId, device: &mut Device) -> Value {
    let begun = stage.data(Some(who), BEGIN, json!({ "proof": { "password": PASSWORD } })).await;
    let begun = &begun["beginPasskey"];
    let answer = device.makes(&begun["options"]);
    let input = json!({ "challenge": begun["challenge"], "answer": answer, "name": "Laptop" });
    stage.data(Some(who), FINISH, json!({ "input": input })).await["finishPasskey"].take()
}

async fn shows(stage: &Stage, device: &mut Device) -> Value {
    let begun = stage.data(None, BEGIN_SIGN_IN, json!({})).await;
    let begun = &begun["beginPasskeySignIn"];
    json!({ "challenge": begun["challenge"], "answer": device.shows(&begun["options"]) })
}

#[tokio::test]
async fn a_passkey_logs_in_without_a_name_and_nothing_else_is_asked_for() {
    let stage = stage().await;
    let ada = stage.register("ada@example.org").await;
    let mut device = device();
    let added = adds(&stage, ada.id, &mut device).await;
    assert_eq!(
        (&added["secondFactor"]["kind"], &added["secondFactor"]["name"]),
        (&json!("PASSKEY"), &json!("Laptop"))
    );
    assert_eq!(added["recoveryCodes"].as_array().unwrap().len(), 10);

    let input = shows(&stage, &mut device).await;
    let data = stage.data(None, FINISH_SIGN_IN, json!({ "input": input })).await;
    assert_eq!(data["finishPasskeySignIn"]["user"]["id"], ada.id.public().to_string());
    stage.refused(None, FINISH_SIGN_IN, json!({ "input": input }), "SIGN_IN_OVER").await;
    let input = shows(&stage, &mut device).await;
    stage.data(None, FINISH_SIGN_IN, json!({ "input": input })).await;
}

#[tokio::test]
async fn the_password_alone_does_not_log_in_who_has_a_passkey() {
    let stage = stage().await;
    let ada = stage.register("ada@example.org").await;
    adds(&stage, ada.id, &mut device()).await;
    let input = json!({ "input": { "email": "ada@example.org", "password": PASSWORD } });
    let refused = stage.refused(None, LOGIN, input, "SECOND_FACTOR_REQUIRED").await;
    assert_eq!(refused["methods"], json!(["PASSKEY", "RECOVERY_CODES"]));
}

#[tokio::test]
async fn what_another_page_or_another_device_shows_is_refused() {
    let stage = stage().await;
    let ada = stage.register("ada@example.org").await;
    let mut device = device();
    adds(&stage, ada.id, &mut device).await;
    device.page = Url::parse("https://tickets.example.evil.example").unwrap();
    let elsewhere = shows(&stage, &mut device).await;
    stage.refused(None, FINISH_SIGN_IN, json!({ "input": elsewhere }), "WRONG_PASSKEY").await;
    device.page = Url::parse("https://tickets.example").unwrap();

    let mut stranger = self::device();
    let begun = stage.data(Some(ada.id), BEGIN, json!({ "proof": { "password": PASSWORD } })).await;
    stranger.makes(&begun["beginPasskey"]["options"]);
    let unknown = shows(&stage, &mut stranger).await;
    stage.refused(None, FINISH_SIGN_IN, json!({ "input": unknown }), "WRONG_PASSKEY").await;

    // An answer to another question.
    let (one, two) = (shows(&stage, &mut device).await, shows(&stage, &mut device).await);
    let mixed = json!({ "challenge": one["challenge"], "answer": two["answer"] });
    stage.refused(None, FINISH_SIGN_IN, json!({ "input": mixed }), "WRONG_PASSKEY").await;
    for answer in ["", "{}", "null", &"x".repeat(100_000)] {
        let input = json!({ "challenge": one["challenge"], "answer": answer });
        let refused = stage.refused(None, FINISH_SIGN_IN, json!({ "input": input }), "MALFORMED").await;
        assert_eq!(refused["field"], "answer");
    }
    stage.later(Duration::minutes(10));
    stage.refused(None, FINISH_SIGN_IN, json!({ "input": one }), "SIGN_IN_OVER").await;
}

#[tokio::test]
async fn a_passkey_shows_who_removes_it_and_is_unknown_afterwards() {
    let stage = stage().await;
    let ada = stage.register("ada@example.org").await;
    let bob = stage.register("bob@example.org").await;
    let (mut of_ada, mut of_bob) = (device(), device());
    let added = adds(&stage, ada.id, &mut of_ada).await;
    adds(&stage, bob.id, &mut of_bob).await;
    let id = &added["secondFactor"]["id"];
    let of_another = json!({ "id": id, "proof": { "passkey": shows(&stage, &mut of_bob).await } });
    let refused = stage.refused(Some(ada.id), REMOVE, of_another, "PASSKEY_WRONG").await;
    assert_eq!(refused["code"], "BAD_USER_INPUT", "it is no word about the session");
    let own = json!({ "id": id, "proof": { "passkey": shows(&stage, &mut of_ada).await } });
    let removed = stage.data(Some(ada.id), REMOVE, own).await;
    assert_eq!(removed["removeSecondFactor"]["secondFactors"], json!([]));
    let input = shows(&stage, &mut of_ada).await;
    stage.refused(None, FINISH_SIGN_IN, json!({ "input": input }), "WRONG_PASSKEY").await;
    let told = stage.mailed("ada@example.org").await;
    let told: Vec<_> = told.iter().filter_map(|mail| mail.0["kind"]["what"].as_str()).collect();
    assert_eq!(told, ["PASSKEY_ADDED", "PASSKEY_REMOVED"]);
}

#[tokio::test]
async fn a_device_is_not_asked_for_a_second_passkey_of_an_account_and_a_ceremony_is_its_own() {
    let stage = stage().await;
    let ada = stage.register("ada@example.org").await;
    let bob = stage.register("bob@example.org").await;
    let mut device = device();
    adds(&stage, ada.id, &mut device).await;
    let begun = stage.data(Some(ada.id), BEGIN, json!({ "proof": { "password": PASSWORD } })).await;
    let begun = &begun["beginPasskey"];
    let options: Value = serde_json::from_str(begun["options"].as_str().unwrap()).unwrap();
    assert_eq!(options["excludeCredentials"].as_array().unwrap().len(), 1);
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    let answer = device.makes(&begun["options"]);
    let input = json!({ "input": { "challenge": begun["challenge"], "answer": answer } });
    stage.refused(Some(bob.id), FINISH, input.clone(), "CHALLENGE_OVER").await;
    stage.data(Some(ada.id), FINISH, input.clone()).await;
    stage.refused(Some(ada.id), FINISH, input, "CHALLENGE_OVER").await;
}

#[tokio::test]
async fn a_platform_that_is_reached_by_a_number_says_that_it_has_no_passkeys() {
    let stage = Stage::with(&Config { public_url: "https://192.0.2.7".to_owned(), ..Config::quick() }).await;
    stage.refused(None, BEGIN_SIGN_IN, json!({}), "PASSKEYS_UNAVAILABLE").await;
}
