use chrono::Duration;
use serde_json::json;
use users::CreateOrganization;

use crate::stage::Stage;

const FOUND: &str =
    "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) { id slug name } }";
const INVITE: &str = "mutation($organization: ID!, $email: String!, $role: OrganizationRole!) {
    inviteMember(input: { organizationId: $organization, email: $email, role: $role }) {
        members { nodes { role user { name } } } } }";
const REMOVE: &str = "mutation($organization: ID!, $user: ID!) {
    removeMember(input: { organizationId: $organization, userId: $user }) { id } }";

#[tokio::test]
async fn a_founder_owns_the_organization_and_everybody_is_told() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let input = json!({ "input": { "name": "Oper Graz" } });
    let data = stage.data(Some(ada.id), FOUND, input).await;
    assert_eq!(data["createOrganization"]["slug"], "oper-graz");
    let me = "{ me { memberships { role organization { slug } user { email } } } }";
    assert_eq!(
        stage.data(Some(ada.id), me, json!({})).await["me"]["memberships"],
        json!([{ "role": "OWNER", "organization": { "slug": "oper-graz" }, "user": { "email": "ada@example.org" } }])
    );
    let told: Vec<_> = stage.told().await.into_iter().skip(1).collect();
    assert_eq!(
        told,
        [
            ("odysseus.users.organization.changed.v1".to_owned(), 1),
            ("odysseus.users.membership.changed.v1".to_owned(), 1)
        ]
    );
}

#[tokio::test]
async fn a_made_up_slug_is_numbered_and_a_chosen_one_must_be_free() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    for slug in ["oper-graz", "oper-graz-2", "oper-graz-3"] {
        let data = stage.data(Some(ada.id), FOUND, json!({ "input": { "name": "Oper Graz" } })).await;
        assert_eq!(data["createOrganization"]["slug"], slug);
    }
    let input = json!({ "input": { "name": "Another", "slug": "oper-graz" } });
    let refusal = stage.refusal(Some(ada.id), FOUND, input).await;
    assert_eq!(refusal, ("CONFLICT".to_owned(), "slug".to_owned()));
    for slug in ["oper-graz-2", "OPER-GRAZ", "none"] {
        let query = "query($slug: String) { organization(slug: $slug) { slug } }";
        let found = stage.data(None, query, json!({ "slug": slug })).await;
        assert_eq!(found["organization"].is_null(), slug != "oper-graz-2");
    }
}

#[tokio::test]
async fn organizations_of_one_name_founded_at_once_all_get_a_slug() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let found = || {
        stage.users.create_organization(CreateOrganization {
            founder: ada.id,
            name: "Oper".to_owned(),
            slug: None,
            idempotency_key: None,
        })
    };
    let founded = futures::future::join_all((0..30).map(|_| found())).await;
    let slugs: std::collections::BTreeSet<_> = founded.into_iter().map(|it| it.unwrap().slug).collect();
    assert_eq!(slugs.len(), 30);
}

#[tokio::test]
async fn the_same_key_founds_one_organization() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let input = json!({ "input": { "name": "Oper", "slug": "oper", "idempotencyKey": "k1" } });
    let asks = (0..4).map(|_| stage.data(Some(ada.id), FOUND, input.clone()));
    let answers = futures::future::join_all(asks).await;
    assert!(answers.iter().all(|answer| answer == &answers[0]));
    assert_eq!(stage.count("organizations").await, 1);
    let other = json!({ "input": { "name": "Theater", "idempotencyKey": "k1" } });
    assert_eq!(stage.refusal(Some(ada.id), FOUND, other).await.0, "IDEMPOTENCY_KEY_REUSED");
    let bob = stage.register("bob@example.org").await;
    let theirs = json!({ "input": { "name": "Theater", "idempotencyKey": "k1" } });
    stage.data(Some(bob.id), FOUND, theirs).await;
}

#[tokio::test]
async fn a_key_is_kept_for_seven_days_and_free_afterwards() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let found = async |name: &str| {
        let input = json!({ "input": { "name": name, "idempotencyKey": "k1" } });
        stage.data(Some(ada.id), FOUND, input).await["createOrganization"].take()
    };
    let opera = found("Oper").await;
    stage.later(Duration::days(7) - Duration::seconds(1));
    assert_eq!(found("Oper").await, opera);
    stage.later(Duration::seconds(1));
    let theatre = found("Theater").await;
    assert_eq!(theatre["slug"], "theater");
    assert_eq!(found("Theater").await, theatre);
    assert_eq!(stage.count("organizations").await, 2);
}

#[tokio::test]
async fn an_owner_gives_and_takes_roles() {
    let stage = Stage::new().await;
    let (ada, bob) = (stage.register("ada@example.org").await, stage.register("Bob@example.org").await);
    let opera = stage.found(&ada, "Oper").await;
    stage.enlists(&ada, &opera, &bob, "SCANNER").await;
    for (role, told) in [("SCANNER", 6), ("MANAGER", 7)] {
        let ask = json!({ "organization": opera, "email": "bob@EXAMPLE.org", "role": role });
        let data = stage.data(Some(ada.id), INVITE, ask).await;
        let members = &data["inviteMember"]["members"]["nodes"];
        assert!(members.as_array().unwrap().contains(&json!({ "role": role, "user": { "name": "Bob" } })));
        assert_eq!(stage.told().await.len(), told);
    }
    let ask = json!({ "organization": opera, "email": "nobody@example.org", "role": "MANAGER" });
    assert_eq!(stage.refusal(Some(bob.id), INVITE, ask.clone()).await.0, "FORBIDDEN");
    assert_eq!(stage.refusal(None, INVITE, ask).await.0, "UNAUTHENTICATED");
    for _ in 0..2 {
        stage.data(Some(ada.id), REMOVE, json!({ "organization": opera, "user": bob.id })).await;
        assert_eq!(stage.told().await.last().unwrap().1, 3);
    }
    let memberships = "{ me { memberships { role } } }";
    assert_eq!(stage.data(Some(bob.id), memberships, json!({})).await["me"]["memberships"], json!([]));
}

#[tokio::test]
async fn the_last_owner_stays_however_many_leave_at_once() {
    let stage = Stage::new().await;
    let (ada, bob) = (stage.register("ada@example.org").await, stage.register("bob@example.org").await);
    let opera = stage.found(&ada, "Oper").await;
    let alone = json!({ "organization": opera, "user": ada.id });
    assert_eq!(stage.refusal(Some(ada.id), REMOVE, alone).await.0, "CONFLICT");
    stage.enlists(&ada, &opera, &bob, "OWNER").await;
    let leave = |who: &crate::stage::Person| {
        stage.ask(Some(who.id), REMOVE, json!({ "organization": opera, "user": who.id }))
    };
    let (one, other) = tokio::join!(leave(&ada), leave(&bob));
    let refused = [one, other].into_iter().filter(|answer| answer.get("errors").is_some()).count();
    assert_eq!(refused, 1);
    assert_eq!(stage.count("memberships WHERE role = 'OWNER'").await, 1);
}

#[tokio::test]
async fn strangers_can_neither_remove_nor_find_out_members() {
    let stage = Stage::new().await;
    let (ada, eve) = (stage.register("ada@example.org").await, stage.register("eve@example.org").await);
    let opera = stage.found(&ada, "Oper").await;
    for (user, code) in [(ada.id, "FORBIDDEN"), (eve.id, "FORBIDDEN")] {
        let ask = json!({ "organization": opera, "user": user });
        assert_eq!(stage.refusal(Some(eve.id), REMOVE, ask).await.0, code);
    }
    let ask = json!({ "organization": opera, "user": eve.id });
    let refusal = stage.refusal(Some(ada.id), REMOVE, ask).await;
    assert_eq!(refusal, ("NOT_FOUND".to_owned(), "userId".to_owned()));
    assert_eq!(stage.count("memberships WHERE role = 'OWNER'").await, 1);
}
