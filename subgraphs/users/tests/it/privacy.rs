use kernel::UserId;
use serde_json::{Value, json};

use crate::stage::Stage;

const PERSON: &str = "query($who: [_Any!]!) { _entities(representations: $who) {
    ... on User { id email name phone locale timezone createdAt memberships { organization { slug } } } } }";
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
    for field in ["locale", "timezone", "createdAt"] {
        assert!(own["_entities"][0][field].is_string(), "{field}: {own}");
    }
    assert_eq!(own["_entities"][0]["memberships"].as_array().unwrap().len(), 2);

    let fellow = stage.data(Some(bob.id), PERSON, who(ada.id)).await;
    assert_eq!(
        fellow["_entities"][0],
        json!({ "id": ada.id.public(), "email": "ada@example.org", "name": "ada", "phone": null,
            "locale": null, "timezone": null, "createdAt": null, "memberships": [{ "organization": { "slug": "oper" } }] })
    );

    for viewer in [Some(eve.id), None, Some(UserId::new())] {
        let seen = stage.data(viewer, PERSON, who(ada.id)).await;
        assert_eq!(seen, stage.data(viewer, PERSON, who(UserId::new())).await, "as if not there");
        assert_eq!(seen["_entities"], json!([null]));
    }

    let remove = "mutation($input: RemoveMemberInput!) { removeMember(input: $input) { id } }";
    let leaver = json!({ "input": { "organizationId": opera, "userId": bob.id } });
    stage.data(Some(bob.id), remove, leaver).await;
    assert_eq!(stage.data(Some(bob.id), PERSON, who(ada.id)).await["_entities"], json!([null]));
}

#[tokio::test]
async fn who_enrols_somebody_is_told_nothing_of_the_account() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let opera = stage.found(&ada, "Oper").await;
    let bob = stage.register("bob@example.org").await;
    let members = "query($id: ID) { organization(id: $id) { members { nodes { user { \
        id name phone locale timezone createdAt } } } } }";
    let invite = "mutation($id: ID!, $email: String!) {
        inviteMember(input: { organizationId: $id, email: $email, role: OWNER }) {
        members { nodes { user { name timezone createdAt } } } invitations { email } } }";
    let mut answers = Vec::new();
    for email in [bob.email.as_str(), "nobody@example.org"] {
        let answer = stage.data(Some(ada.id), invite, json!({ "id": opera, "email": email })).await;
        answers.push(answer["inviteMember"]["members"]["nodes"].clone());
    }
    assert_eq!(answers[0], answers[1], "an account that is there makes no difference");
    assert_eq!(answers[0].as_array().unwrap().len(), 1, "nobody belongs to it before they agree");

    stage.enlists(&ada, &opera, &bob, "SCANNER").await;
    for (viewer, other) in [(&ada, &bob), (&bob, &ada)] {
        let seen = stage.data(Some(viewer.id), members, json!({ "id": opera })).await;
        let seen = seen["organization"]["members"]["nodes"].as_array().unwrap().clone();
        let other = seen.iter().find(|member| member["user"]["id"] == json!(other.id.public())).unwrap();
        let mut told = other["user"].as_object().unwrap().clone();
        assert!(told.remove("id").is_some() && told.remove("name").is_some_and(|name| name.is_string()));
        assert!(told.values().all(Value::is_null), "{told:?}");
    }
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
    let query = "query($id: ID) { organization(id: $id) { members { nodes { user { email } } } } }";
    let members = stage.data(Some(ada.id), query, json!({ "id": opera })).await;
    assert_eq!(
        members["organization"]["members"]["nodes"],
        json!([{ "user": { "email": "ada@example.org" } }])
    );
    for (viewer, code) in [(Some(eve.id), "FORBIDDEN"), (None, "UNAUTHENTICATED")] {
        assert_eq!(stage.refusal(viewer, query, json!({ "id": opera })).await.0, code);
    }
}
