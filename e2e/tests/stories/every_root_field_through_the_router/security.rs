//! Passwords, addresses, sessions, second factors, and signing in by others.

use e2e::Person;
use serde_json::{Value, json};

use super::Tour;
use crate::{Stage, id};

/// A secret that opens nothing.
const NO_SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What a device answers that nobody knows.
const OF_NO_DEVICE: &str = r#"{"id":"AAAA","rawId":"AAAA","type":"public-key","extensions":{},"response":{"authenticatorData":"AAAA","clientDataJSON":"AAAA","signature":"AAAA","userHandle":null}}"#;

pub(super) async fn accounts(tour: &mut Tour, stage: &Stage) {
    let nobody = e2e::anybody(stage.platform.address());
    let (mut tina, sandbox) = (stage.person("Tina").await, stage.platform.sandbox());
    let query = "mutation($email: String!) { requestPasswordReset(email: $email) }";
    let asked = tour.does(&nobody, "requestPasswordReset", query, json!({ "email": tina.email })).await;
    assert_eq!(asked, true);
    let token = tina.is_mailed_a_link(&sandbox, "/account/reset-password").await;
    let query = "mutation($token: String!, $new: String!) { resetPassword(token: $token, newPassword: $new) { user { emailVerified } } }";
    let reset = json!({ "token": token, "new": tina.password() });
    let reset = tour.does(&nobody, "resetPassword", query, reset).await;
    assert_eq!(reset["user"]["emailVerified"], true);
    tina.logs_in().await.unwrap();

    let query = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { name } }";
    let same = json!({ "currentPassword": tina.password(), "newPassword": tina.password() });
    tour.does(&tina, "changePassword", query, json!({ "input": same })).await;
    let query =
        "mutation($input: ChangeEmailInput!) { changeEmail(input: $input) { newEmail oldAddressAgrees } }";
    let input = json!({ "newEmail": "tina.new@example.test", "password": tina.password() });
    let change = tour.does(&tina, "changeEmail", query, json!({ "input": input })).await;
    assert_eq!(change, json!({ "newEmail": "tina.new@example.test", "oldAddressAgrees": false }));
    let token = tina.is_mailed_a_link(&sandbox, "/account/change-address").await;
    let query = "mutation($token: String!) { confirmEmailChange(token: $token) { oldAddressAgrees done } }";
    let agreed = tour.does(&nobody, "confirmEmailChange", query, json!({ "token": token })).await;
    assert_eq!(agreed, json!({ "oldAddressAgrees": true, "done": false }));
    let ended = tour.does(&tina, "cancelEmailChange", "mutation { cancelEmailChange }", json!({})).await;
    assert_eq!(ended, true);

    let elsewhere = tina.clone();
    tina.logs_in().await.unwrap();
    let query = "query { me { sessions { id current device } } }";
    let me = tina.does("me", query, json!({})).await.unwrap();
    let sessions = me["sessions"].as_array().unwrap();
    let other = sessions.iter().find(|session| session["current"] == false).expect("another session");
    let query = "mutation($id: ID!) { revokeSession(id: $id) }";
    tour.does(&tina, "revokeSession", query, json!({ "id": id(other) })).await;
    tour.does(&tina, "revokeOtherSessions", "mutation { revokeOtherSessions }", json!({})).await;
    assert_eq!(
        elsewhere.does("me", "query { me { id } }", json!({})).await.unwrap_err().code,
        "UNAUTHENTICATED"
    );
    second_factors(tour, &tina).await;
    by_others(tour, &nobody, &tina).await;
    let query = "mutation($password: String!) { deleteAccount(password: $password) }";
    let gone = tour.does(&tina, "deleteAccount", query, json!({ "password": tina.password() })).await;
    assert_eq!(gone, true);
}

/// Codes come from an app, and passkeys from a device: what they answer is tried where those are.
async fn second_factors(tour: &mut Tour, tina: &Person) {
    let query = "mutation { beginTotp { challenge secret otpauthUri qrSvg } }";
    let begun = tour.does(tina, "beginTotp", query, json!({})).await;
    assert!(begun["otpauthUri"].as_str().unwrap().starts_with("otpauth://totp/"), "{begun}");
    let proof = json!({ "password": tina.password() });
    let wrong = json!({ "challenge": NO_SECRET, "code": "123456" });
    let answer = json!({ "challenge": NO_SECRET, "answer": "{}" });
    tour.is_refused(
        tina,
        "confirmTotp",
        "mutation($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes } }",
        json!({ "input": wrong }),
        "CHALLENGE_OVER",
    )
    .await;
    tour.is_refused(
        tina,
        "renewRecoveryCodes",
        "mutation($proof: ProofInput!) { renewRecoveryCodes(proof: $proof) }",
        json!({ "proof": proof }),
        "NO_SECOND_FACTOR",
    )
    .await;
    tour.is_refused(
        tina,
        "removeSecondFactor",
        "mutation($id: ID!, $proof: ProofInput!) { removeSecondFactor(id: $id, proof: $proof) { id } }",
        json!({ "id": format!("fac_{}", uuid::Uuid::new_v4()), "proof": proof }),
        "NOT_FOUND",
    )
    .await;
    tour.is_refused(
        tina,
        "completeLogin",
        "mutation($input: CompleteLoginInput!) { completeLogin(input: $input) { accessToken } }",
        json!({ "input": wrong }),
        "SIGN_IN_OVER",
    )
    .await;
    for (field, query) in [
        ("beginPasskey", "mutation { beginPasskey { challenge options } }"),
        ("beginPasskeySignIn", "mutation { beginPasskeySignIn { challenge options } }"),
    ] {
        let begun = tour.does(tina, field, query, json!({})).await;
        assert!(begun["options"].as_str().unwrap().contains("challenge"), "{field}: {begun}");
    }
    tour.is_refused(
        tina,
        "finishPasskey",
        "mutation($input: FinishPasskeyInput!) { finishPasskey(input: $input) { recoveryCodes } }",
        json!({ "input": answer }),
        "CHALLENGE_OVER",
    )
    .await;
    tour.is_refused(
        tina,
        "finishPasskeySignIn",
        "mutation($input: PasskeyAnswerInput!) { finishPasskeySignIn(input: $input) { accessToken } }",
        json!({ "input": { "challenge": NO_SECRET, "answer": OF_NO_DEVICE } }),
        "SIGN_IN_OVER",
    )
    .await;
}

async fn by_others(tour: &mut Tour, nobody: &Person, tina: &Person) {
    let query = "query { signInProviders { key label } }";
    tour.does(nobody, "signInProviders", query, json!({})).await;
    tour.is_refused(
        nobody,
        "beginForeignSignIn",
        "mutation { beginForeignSignIn(provider: \"nobody\") { url challenge } }",
        json!({}),
        "UNKNOWN",
    )
    .await;
    let input = json!({ "challenge": NO_SECRET, "state": "state", "code": "code" });
    tour.is_refused(
        nobody,
        "finishForeignSignIn",
        "mutation($input: FinishForeignSignInInput!) { finishForeignSignIn(input: $input) { accessToken } }",
        json!({ "input": input }),
        "SIGN_IN_OVER",
    )
    .await;
    tour.is_refused(
        tina,
        "linkForeignAccount",
        "mutation($input: FinishForeignSignInInput!) { linkForeignAccount(input: $input) { id } }",
        json!({ "input": input }),
        "SIGN_IN_OVER",
    )
    .await;
    let proof = json!({ "password": tina.password() });
    tour.is_refused(
        tina,
        "unlinkForeignAccount",
        "mutation($id: ID!, $proof: ProofInput!) { unlinkForeignAccount(id: $id, proof: $proof) { id } }",
        json!({ "id": format!("fga_{}", uuid::Uuid::new_v4()), "proof": proof }),
        "NOT_FOUND",
    )
    .await;
}

/// What is refused, and why.
impl Tour {
    pub(super) async fn is_refused(
        &mut self,
        who: &Person,
        field: &str,
        query: &str,
        variables: Value,
        reason: &str,
    ) {
        let refused = who.does(field, query, variables).await.expect_err(field);
        let told = [refused.code.as_str(), refused.extensions["reason"].as_str().unwrap_or_default()];
        assert!(told.contains(&reason), "{field}: {refused:?}");
        self.done.insert(field.to_owned());
    }
}
