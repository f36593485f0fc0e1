use kernel::UserId;
use serde_json::{Value, json};

use crate::stage::Stage;

const PERSON: &str = "query($who: [_Any!]!) { _entities(representations: $who) {
    ... on User { id email name phone memberships { organization { slug } } } } }";
const PHONE: &str = "mutation { updateProfile(input: { phone: \"+4312345678\" }) { id } }";
fn who(id: impl std::fmt::Display) -> Value {
    json!({ "who": [{ "__typename": "User", "id": id.to_string() }] })
}

#[tokio::test]
async fn a_person_is_seen_by_themselves_and_by_fellows_and_by_nobody_else() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let bob = stage.register("bob@example.org").await;
    let eve = stage.register("eve@example.org").await;
    let opera = stage.found(&ada, "Oper").await;
    stage.found(&ada, "Secret Society").await;
    stage.found(&eve, "Elsewhere").await;
    stage.data(Some(ada.id), PHONE, json!({})).await;
    stage.enlists(&ada, &opera, &bob, "SCANNER").await;

    let own = stage.data(Some(ada.id), PERSON, who(ada.id)).await;
    assert_eq!(own["_entities"][0]["phone"], "+4312345678");
    assert_eq!(own["_entities"][0]["memberships"].as_array().unwrap().len(), 2);

    let fellow = stage.data(Some(bob.id), PERSON, who(ada.id)).await;
    assert_eq!(
        fellow["_entities"][0],
        json!({ "id": ada.id, "email": "ada@example.org", "name": "ada", "phone": null,
            "memberships": [{ "organization": { "slug": "oper" } }] })
    );

    for viewer in [Some(eve.id), None, Some(UserId::new())] {
        let seen = stage.data(viewer, PERSON, who(ada.id)).await;
        assert_eq!(seen, stage.data(viewer, PERSON, who(UserId::new())).await, "as if not there");
        assert_eq!(seen["_entities"], json!([null]));
    }

    let remove =
        format!("mutation {{ removeMember(organizationId: \"{opera}\", userId: \"{}\") {{ id }} }}", bob.id);
    stage.data(Some(bob.id), &remove, json!({})).await;
    assert_eq!(stage.data(Some(bob.id), PERSON, who(ada.id)).await["_entities"], json!([null]));
}

#[tokio::test]
async fn what_cannot_be_an_id_is_not_there_and_harms_no_other() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let opera = stage.found(&ada, "Oper").await;
    let query = "query($who: [_Any!]!) { _entities(representations: $who) {
        ... on User { name } ... on Organization { name } } }";
    let who = json!({ "who": [
        { "__typename": "User", "id": "1 OR 1=1" },
        { "__typename": "Organization", "id": "" },
        { "__typename": "Organization", "id": opera },
        { "__typename": "User", "id": ada.id },
    ] });
    let seen = stage.data(Some(ada.id), query, who).await;
    assert_eq!(seen["_entities"], json!([null, null, { "name": "Oper" }, { "name": "ada" }]));
}

#[tokio::test]
async fn everybody_sees_an_organization_and_its_members_see_its_members() {
    let stage = Stage::new().await;
    let (ada, eve) = (stage.register("ada@example.org").await, stage.register("eve@example.org").await);
    let opera = stage.found(&ada, "Oper").await;
    let query = "query($id: ID) { organization(id: $id) { slug name } }";
    let seen = stage.data(None, query, json!({ "id": opera })).await;
    assert_eq!(seen["organization"], json!({ "slug": "oper", "name": "Oper" }));
    let query = "query($id: ID) { organization(id: $id) { members { user { email } } } }";
    let members = stage.data(Some(ada.id), query, json!({ "id": opera })).await;
    assert_eq!(members["organization"]["members"], json!([{ "user": { "email": "ada@example.org" } }]));
    for (viewer, code) in [(Some(eve.id), "FORBIDDEN"), (None, "UNAUTHENTICATED")] {
        assert_eq!(stage.refusal(viewer, query, json!({ "id": opera })).await.0, code);
    }
}
