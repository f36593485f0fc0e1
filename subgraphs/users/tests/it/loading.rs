//! What the graph shows is looked up at once, however much it is.

use serde_json::{Value, json};

use crate::stage::{Person, Stage};

const ENTITIES: &str = "query($who: [_Any!]!) { _entities(representations: $who) {
    ... on User { id name memberships { role organization { slug } } }
    ... on Organization { name members { user { name } } invitations { email } } } }";

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
    assert_eq!(data["_entities"][100]["members"].as_array().unwrap().len(), 101);
    assert_eq!(of_hundred, of_one);
    assert!(of_hundred <= 10, "{of_hundred} statements");
}
