//! Roles begin when an invitation is accepted; addresses are verified by links.

use chrono::Duration;
use serde_json::json;

use crate::stage::{ACCEPT, Stage};

const LEAVE: &str = "mutation($input: RemoveMemberInput!) { removeMember(input: $input) { id } }";
const INVITE: &str = "mutation($organization: ID!, $email: String!) {
    inviteMember(input: { organizationId: $organization, email: $email, role: OWNER }) {
        members { nodes { user { email } } } invitations { id email role } } }";
const VERIFY: &str = "mutation($token: String!) { verifyEmail(token: $token) { emailVerified } }";
const AGAIN: &str = "mutation { requestEmailVerification }";
const ME: &str = "{ me { emailVerified memberships { role } } }";

#[tokio::test]
async fn an_invitation_is_a_mail_and_tells_nothing_of_accounts() {
    let stage = Stage::new().await;
    let (ada, bob) = (stage.register("ada@example.org").await, stage.register("bob@example.org").await);
    let opera = stage.found(&ada, "Oper").await;
    let mut answers = Vec::new();
    for email in ["bob@example.org", "eve@example.org"] {
        let ask = json!({ "organization": opera, "email": email });
        let answer = stage.data(Some(ada.id), INVITE, ask.clone()).await;
        let mut answer = answer["inviteMember"].clone();
        assert_eq!(answer["invitations"][0]["email"], email);
        stage.data(Some(ada.id), INVITE, ask).await;
        assert_eq!(stage.mailed(email).await.iter().filter(|mail| mail.kind() == "INVITATION").count(), 1);
        answer["invitations"] = json!([]);
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(stage.data(Some(bob.id), ME, json!({})).await["me"]["memberships"], json!([]));
}

#[tokio::test]
async fn the_role_begins_when_the_account_of_the_address_opens_the_link() {
    let stage = Stage::new().await;
    let (ada, eve) = (stage.register("ada@example.org").await, stage.register("eve@example.org").await);
    let opera = stage.found(&ada, "Oper").await;
    stage.data(Some(ada.id), INVITE, json!({ "organization": opera, "email": "Bob@example.org" })).await;
    let token = json!({ "token": stage.mailed("Bob@example.org").await[0].token() });
    assert_eq!(stage.refusal(None, ACCEPT, token.clone()).await.0, "UNAUTHENTICATED");
    assert_eq!(stage.refusal(Some(eve.id), ACCEPT, token.clone()).await.0, "FORBIDDEN");
    let bob = stage.register("bob@example.org").await;
    for _ in 0..2 {
        stage.data(Some(bob.id), ACCEPT, token.clone()).await;
    }
    let me = stage.data(Some(bob.id), ME, json!({})).await;
    assert_eq!(me["me"], json!({ "emailVerified": true, "memberships": [{ "role": "OWNER" }] }));
    assert_eq!(stage.told().await.last().unwrap().0, "odysseus.users.membership.changed.v1");
    assert_eq!(stage.refusal(Some(eve.id), ACCEPT, token.clone()).await.0, "NOT_FOUND");

    let leaver = json!({ "input": { "organizationId": opera, "userId": bob.id } });
    stage.data(Some(ada.id), LEAVE, leaver).await;
    let again = stage.refusal(Some(bob.id), ACCEPT, token).await.0;
    assert_eq!(again, "NOT_FOUND", "a link that was used is no way back for whom the organization let go");
}

#[tokio::test]
async fn an_invitation_ends_with_its_time_its_revocation_and_its_owner() {
    let stage = Stage::new().await;
    let (ada, bob) = (stage.register("ada@example.org").await, stage.register("bob@example.org").await);
    let opera = stage.found(&ada, "Oper").await;
    let ask = json!({ "organization": opera, "email": "bob@example.org" });
    let newest = async || json!({ "token": stage.mailed("bob@example.org").await.last().unwrap().token() });

    let invited = stage.data(Some(ada.id), INVITE, ask.clone()).await;
    let revoke = "mutation($id: ID!) { revokeInvitation(id: $id) { invitations { id } } }";
    let id = json!({ "id": invited["inviteMember"]["invitations"][0]["id"] });
    assert_eq!(stage.refusal(Some(bob.id), revoke, id.clone()).await.0, "NOT_FOUND");
    for _ in 0..2 {
        let left = stage.data(Some(ada.id), revoke, id.clone()).await;
        assert_eq!(left["revokeInvitation"]["invitations"], json!([]));
    }
    assert_eq!(stage.refusal(Some(bob.id), ACCEPT, newest().await).await.0, "NOT_FOUND");

    stage.data(Some(ada.id), INVITE, ask.clone()).await;
    let replaced = newest().await;
    stage.later(Duration::minutes(1));
    stage.data(Some(ada.id), INVITE, ask.clone()).await;
    assert_eq!(stage.refusal(Some(bob.id), ACCEPT, replaced).await.0, "NOT_FOUND");
    stage.later(Duration::days(14));
    assert_eq!(stage.refusal(Some(bob.id), ACCEPT, newest().await).await.0, "NOT_FOUND");

    let cleo = stage.register("cleo@example.org").await;
    stage.enlists(&ada, &opera, &cleo, "OWNER").await;
    stage.data(Some(ada.id), INVITE, ask).await;
    let leaver = json!({ "input": { "organizationId": opera, "userId": ada.id } });
    stage.data(Some(cleo.id), LEAVE, leaver).await;
    assert_eq!(stage.refusal(Some(bob.id), ACCEPT, newest().await).await.0, "NOT_FOUND");
}

#[tokio::test]
async fn invitations_are_seen_by_owners_and_managers_alone() {
    let stage = Stage::new().await;
    let (ada, bob) = (stage.register("ada@example.org").await, stage.register("bob@example.org").await);
    let opera = stage.found(&ada, "Oper").await;
    stage.enlists(&ada, &opera, &bob, "SCANNER").await;
    let query = "query($id: ID) { organization(id: $id) { invitations { email } } }";
    for (viewer, code) in [(Some(bob.id), "FORBIDDEN"), (None, "UNAUTHENTICATED")] {
        assert_eq!(stage.refusal(viewer, query, json!({ "id": opera })).await.0, code);
    }
    let seen = stage.data(Some(ada.id), query, json!({ "id": opera })).await;
    assert_eq!(seen["organization"]["invitations"], json!([]));
}

#[tokio::test]
async fn a_link_verifies_the_address_once_in_its_time() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let first = json!({ "token": stage.mailed("ada@example.org").await[0].token() });
    stage.later(Duration::hours(48));
    assert_eq!(stage.refusal(None, VERIFY, first).await, ("NOT_FOUND".to_owned(), "token".to_owned()));
    assert_eq!(stage.data(Some(ada.id), AGAIN, json!({})).await["requestEmailVerification"], true);
    let second = json!({ "token": stage.mailed("ada@example.org").await[1].token() });
    assert_eq!(stage.data(None, VERIFY, second.clone()).await["verifyEmail"]["emailVerified"], true);
    assert_eq!(stage.refusal(None, VERIFY, second.clone()).await.0, "NOT_FOUND");
    assert_eq!(stage.data(Some(ada.id), VERIFY, second).await["verifyEmail"]["emailVerified"], true);
    assert_eq!(stage.data(Some(ada.id), ME, json!({})).await["me"]["emailVerified"], true);
    assert_eq!(stage.data(Some(ada.id), AGAIN, json!({})).await["requestEmailVerification"], false);
    for (token, code) in [("none of ours", "NOT_FOUND"), ("", "NOT_FOUND")] {
        assert_eq!(stage.refusal(Some(ada.id), VERIFY, json!({ "token": token })).await.0, code);
        assert_eq!(stage.refusal(Some(ada.id), ACCEPT, json!({ "token": token })).await.0, code);
    }
}

#[tokio::test]
async fn mails_with_links_are_few() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    assert_eq!(stage.refusal(Some(ada.id), AGAIN, json!({})).await.0, "RATE_LIMITED");
    for _ in 0..4 {
        stage.later(Duration::minutes(1));
        stage.data(Some(ada.id), AGAIN, json!({})).await;
    }
    stage.later(Duration::minutes(1));
    assert_eq!(stage.refusal(Some(ada.id), AGAIN, json!({})).await.0, "RATE_LIMITED");
    stage.later(Duration::days(1));
    stage.data(Some(ada.id), AGAIN, json!({})).await;
}
