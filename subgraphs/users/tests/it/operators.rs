use kernel::{ErrorCode, PageAsk, Viewer};
use service::{Caller, TokenVerifier};
use users::{
    SigningKeys, UpdateOrganization,
    domain::{
        entities::{OrganizationAsk, OrganizationChange},
        use_cases::Sight,
    },
};

use crate::stage::{Person, Stage};

/// Who calls with the next access token of a session.
async fn next_caller(stage: &Stage, refresh_token: &str) -> (Caller, String) {
    let keys = SigningKeys::in_database(stage.database.clone()).jwks().await.unwrap();
    let logged_in = stage.users.refresh_session(refresh_token).await.unwrap();
    let verifier = TokenVerifier::with_keys(keys, stage.clock.clone());
    (verifier.verify(&logged_in.access_token).await.unwrap(), logged_in.refresh_token)
}

async fn verifies(stage: &Stage, person: &Person) {
    let token = stage.mailed(&person.email).await.last().unwrap().token();
    stage.users.verify_email(Some(person.id), &token).await.unwrap();
}

#[tokio::test]
async fn an_operator_is_one_from_the_next_access_token_on_and_no_longer_than_the_last() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let code = |refused: kernel::Result<bool>| refused.unwrap_err().refusal().unwrap().code;
    assert_eq!(code(stage.users.grant_operator("nobody@example.org").await), ErrorCode::NotFound);
    assert_eq!(code(stage.users.grant_operator(&ada.email).await), ErrorCode::Conflict, "not verified yet");
    verifies(&stage, &ada).await;
    let (caller, refresh_token) = next_caller(&stage, &ada.refresh_token).await;
    assert!(!caller.operator);
    assert!(stage.users.grant_operator("ADA@example.org").await.unwrap());
    assert!(!stage.users.grant_operator(&ada.email).await.unwrap(), "is one already");
    let (caller, refresh_token) = next_caller(&stage, &refresh_token).await;
    assert!(caller.operator && Viewer::from(caller).is_operator());
    assert!(stage.users.revoke_operator(&ada.email).await.unwrap());
    assert!(!stage.users.revoke_operator(&ada.email).await.unwrap(), "is none any more");
    let (caller, _) = next_caller(&stage, &refresh_token).await;
    assert!(!caller.operator);
}

#[tokio::test]
async fn an_operator_sees_who_belongs_where_and_nothing_that_is_a_persons_own() {
    let stage = Stage::new().await;
    let (ada, bob) = (stage.register("ada@example.org").await, stage.register("bob@example.org").await);
    let organization = stage.found(&bob, "Bob presents").await.parse().unwrap();
    let (person, operator) = (Viewer::from(ada.id), Viewer::operator(ada.id));
    assert!(stage.users.person(person, bob.id).await.unwrap().is_none());
    let seen = stage.users.person(operator, bob.id).await.unwrap().unwrap();
    assert_eq!((seen.sight, seen.private().is_none()), (Sight::Fellow, true));
    let page = PageAsk::parse(None, None, 20).unwrap();
    let members = async |viewer| {
        let mut seen = stage.users.members(viewer, &[organization], &page, false).await.unwrap();
        seen.remove(&organization).unwrap().map(|page| page.items.len())
    };
    assert_eq!(members(person).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(members(operator).await.unwrap(), 1);
    let invited =
        async |viewer| stage.users.invitations(viewer, &[organization]).await.unwrap().remove(&organization);
    assert!(invited(person).await.unwrap().is_err() && invited(operator).await.unwrap().is_ok());
    let settings =
        async |viewer| stage.users.settings(viewer, &[organization]).await.unwrap().remove(&organization);
    assert!(settings(person).await.unwrap().is_err() && settings(operator).await.unwrap().is_ok());
    let ask = OrganizationAsk { payout_delay_days: Some(1), ..OrganizationAsk::default() };
    let change = OrganizationChange::read(ask).unwrap();
    let refused =
        stage.users.update_organization(UpdateOrganization { by: ada.id, organization, change }).await;
    assert_eq!(
        refused.unwrap_err().refusal().unwrap().code,
        ErrorCode::Forbidden,
        "an operator changes nothing"
    );
}
