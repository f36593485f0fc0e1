//! What the graph shows is looked up at once, however much it is.

use serde_json::{Value, json};

use crate::stage::{Person, Stage};

const ENTITIES: &str = "query($who: [_Any!]!) { _entities(representations: $who) {
    ... on User { id name memberships { role organization { slug } } }
    ... on Organization { name members(first: 100) { totalCount nodes { user { name } } edges { cursor node { role } } } invitations { email }
        settings { payoutDelayDays serviceFees { name } refundPolicy { rules { percent } } } seller { legalName } branding { colour } } } }";

async fn crew(stage: &Stage, ada: &Person, opera: &str, from: usize, to: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in from..to {
        let member = stage.register(&format!("crew-{number}@example.org")).await;
        stage.enlists(ada, opera, &member, "SCANNER").await;
        ids.push(member.id.to_string());
    }
    ids
}

#[tokio::test]
async fn a_hundred_people_and_organizations_cost_as_many_statements_as_one() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let opera = stage.found(&ada, "Oper").await;
    let mut people = crew(&stage, &ada, &opera, 0, 1).await;
    let asked = async |people: &[String], organizations: &[String]| -> (u64, Value) {
        let users = people.iter().map(|id| json!({ "__typename": "User", "id": id }));
        let all = organizations.iter().map(|id| json!({ "__typename": "Organization", "id": id }));
        let who: Vec<_> = users.chain(all).collect();
        let before = stage.database.statements();
        let answer = stage.data(Some(ada.id), ENTITIES, json!({ "who": who }));
        let data = service::request::answering(None, answer).await;
        (stage.database.statements() - before, data)
    };
    let mut organizations = vec![opera.clone()];
    let (of_one, _) = asked(&people, &organizations).await;
    people.extend(crew(&stage, &ada, &opera, 1, 100).await);
    for number in 1..100 {
        organizations.push(stage.found(&ada, &format!("Oper {number}")).await);
    }
    let (of_hundred, data) = asked(&people, &organizations).await;
    assert_eq!(data["_entities"].as_array().unwrap().len(), 200);
    let members = &data["_entities"][100]["members"];
    assert_eq!((members["nodes"].as_array().unwrap().len(), &members["totalCount"]), (100, &json!(101)));
    assert_eq!(of_hundred, of_one);
    assert!(of_hundred <= 13, "{of_hundred} statements");
}

#[tokio::test]
async fn members_come_in_pages_the_longest_serving_first() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let opera = stage.found(&ada, "Oper").await;
    crew(&stage, &ada, &opera, 0, 2).await;
    // Those who come at the same moment follow each other somehow, and always alike.
    stage.later(chrono::Duration::minutes(1));
    crew(&stage, &ada, &opera, 2, 5).await;
    let page = "query($id: ID, $after: String) { organization(id: $id) { members(first: 2, after: $after) {
        totalCount nodes { user { email } } pageInfo { hasPreviousPage hasNextPage endCursor } } } }";
    let (mut seen, mut after, mut more) = (Vec::new(), Value::Null, vec![]);
    while more.last() != Some(&false) {
        let ask = json!({ "id": opera, "after": after });
        let data = stage.data(Some(ada.id), page, ask).await;
        let members = &data["organization"]["members"];
        assert_eq!(members["totalCount"], 6);
        assert_eq!(members["pageInfo"]["hasPreviousPage"], !seen.is_empty());
        let nodes = members["nodes"].as_array().unwrap();
        seen.extend(nodes.iter().map(|member| member["user"]["email"].as_str().unwrap().to_owned()));
        more.push(members["pageInfo"]["hasNextPage"].as_bool().unwrap());
        after = members["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(more, [true, true, false]);
    assert!(seen[3..].iter().all(|email| ["crew-2", "crew-3", "crew-4"].contains(&&email[..6])), "{seen:?}");
    seen.sort_unstable();
    let crew = (0..5).map(|number| format!("crew-{number}@example.org"));
    assert_eq!(seen, ["ada@example.org".to_owned()].into_iter().chain(crew).collect::<Vec<_>>());
    let refused = stage.refusal(Some(ada.id), page, json!({ "id": opera, "after": "bm8" })).await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "after".to_owned()));
}
