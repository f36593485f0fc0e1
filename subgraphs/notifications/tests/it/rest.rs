//! One's own messages over REST.

use contracts::tickets::{OrderEnd, OrderEnded};
use kernel::{EventId, OrderId, SystemClock, UserId};
use serde_json::{Value, json};
use service::Foundation;
use testbed::{Served, Signer, openapi_is_checked_in, problem};

use crate::kit::{Kit, at, order, ticket};

struct Rest {
    kit: Kit,
    served: Served,
    signer: Signer,
    client: reqwest::Client,
}

impl Rest {
    async fn start() -> Self {
        let kit = Kit::new(9).await;
        let signer = Signer::new(std::sync::Arc::new(SystemClock));
        let foundation = Foundation { tokens: signer.verifier(), ..kit.foundation.clone() };
        let assembled = notifications::assemble(kit.config.clone(), kit.database.clone(), &foundation);
        let served = Served::start(assembled.await.unwrap().routes).await;
        Self { kit, served, signer, client: reqwest::Client::new() }
    }

    async fn ask(&self, who: UserId, query: &str) -> reqwest::Response {
        let url = format!("{}/api/notifications/v1/notifications{query}", self.served.url);
        self.client.get(url).bearer_auth(self.signer.token(who)).send().await.unwrap()
    }

    async fn page(&self, who: UserId, query: &str) -> Value {
        let response = self.ask(who, query).await;
        assert_eq!(response.status(), 200, "{query}");
        response.json().await.unwrap()
    }

    async fn tell(&self, buyer_id: UserId) {
        let (order_id, event_id, how) = (OrderId::new(), EventId::new(), OrderEnd::Expired);
        let ended = OrderEnded {
            order_id,
            event_id,
            buyer_id,
            how,
            called_off: false,
            at: at("2027-01-01T00:00:00Z"),
        };
        self.kit.hears(&ended).await;
    }
}

#[test]
fn the_document_is_checked_in() {
    openapi_is_checked_in(env!("CARGO_MANIFEST_DIR"), &notifications::openapi());
}

#[tokio::test]
async fn the_list_is_ones_own_in_pages_newest_first() {
    let rest = Rest::start().await;
    let ((ada, _), (eve, _)) = (rest.kit.account("Ada").await, rest.kit.account("Eve").await);
    for _ in 0..3 {
        rest.tell(ada).await;
    }
    let response = rest.ask(ada, "?first=2").await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    let link = response.headers()["link"].to_str().unwrap().to_owned();
    let first: Value = response.json().await.unwrap();
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
    let end = first["pageInfo"]["endCursor"].as_str().unwrap();
    let next = format!("/api/notifications/v1/notifications?first=2&after={end}");
    assert_eq!(link, format!("<{next}>; rel=\"next\""));
    let response = rest.ask(ada, &format!("?first=2&after={end}")).await;
    assert!(!response.headers().contains_key("link"), "it is the last page");
    let second: Value = response.json().await.unwrap();
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let query = "{ notifications { nodes { id kind channel subject body readAt status } } }";
    let graph = rest.kit.graph(Some(ada), query).await;
    let nodes = graph["data"]["notifications"]["nodes"].as_array().unwrap();
    let items = first["items"].as_array().unwrap().iter().chain(second["items"].as_array().unwrap());
    for (item, node) in items.zip(nodes) {
        let mut item = item.clone();
        assert!(item.as_object_mut().unwrap().remove("createdAt").is_some());
        assert_eq!(&item, node, "it is as in the graph");
    }
    let nothing = rest.page(eve, "").await;
    assert_eq!((&nothing["items"], &nothing["totalCount"]), (&json!([]), &json!(0)));
    assert_eq!(nothing["pageInfo"], json!({ "hasNextPage": false, "endCursor": null }));
}

#[tokio::test]
async fn the_list_can_be_narrowed() {
    let rest = Rest::start().await;
    let (ada, email) = rest.kit.account("Ada").await;
    rest.tell(ada).await;
    rest.kit.hears(&order(ada, vec![ticket("Ada", &email, "104")])).await;
    let mails = rest.page(ada, "?channel=EMAIL").await;
    assert!(mails["items"].as_array().unwrap().iter().all(|mail| mail["channel"] == "EMAIL"));
    assert_eq!(mails["totalCount"], 1);
    assert_eq!(rest.page(ada, "?unreadOnly=true").await["totalCount"], 2);
    let id = rest.page(ada, "?unreadOnly=true&first=1").await["items"][0]["id"].clone();
    rest.kit.graph(Some(ada), &format!("mutation {{ markNotificationRead(id: {id}) {{ id }} }}")).await;
    assert_eq!(rest.page(ada, "?unreadOnly=true").await["totalCount"], 1);
}

#[tokio::test]
async fn what_is_wrong_is_a_problem() {
    let rest = Rest::start().await;
    for (query, field) in [
        ("?first=101", "first"),
        ("?after=!", "after"),
        ("?channel=PIGEON", "channel"),
        ("?unreadOnly=1", "unreadOnly"),
        ("?x=1", "x"),
    ] {
        let refused = problem(rest.ask(UserId::new(), query).await).await;
        assert_eq!((&refused["status"], &refused["field"]), (&json!(400), &json!(field)), "{refused}");
    }
    let url = format!("{}/api/notifications/v1/notifications", rest.served.url);
    let nobody = problem(rest.client.get(url).send().await.unwrap()).await;
    assert_eq!((&nobody["status"], &nobody["code"]), (&json!(401), &json!("UNAUTHENTICATED")));
}

#[tokio::test]
async fn whoever_asks_gets_their_messages_and_choices_page_by_page_and_nothing_of_others() {
    let rest = Rest::start().await;
    let ((ada, _), (bob, _)) = (rest.kit.account("Ada").await, rest.kit.account("Bob").await);
    for _ in 0..53 {
        rest.tell(ada).await;
    }
    rest.kit.hears(&order(bob, vec![ticket("Bob", "bob@example.org", "104")])).await;
    let get = async |who: UserId, path: &str| {
        let url = format!("{}{path}", rest.served.url);
        rest.client.get(url).bearer_auth(rest.signer.token(who)).send().await.unwrap()
    };
    let (mut next, mut pages) = (Some("/api/notifications/v1/me/export".to_owned()), Vec::new());
    while let Some(path) = next {
        let page: Value = get(ada, &path).await.json().await.unwrap();
        next = page["next"].as_str().map(str::to_owned);
        pages.push(page);
    }
    let sizes: Vec<_> = pages.iter().map(|page| page["records"].as_array().unwrap().len()).collect();
    assert_eq!(sizes[..2], [50, 3], "no page is longer than others");
    let kinds: Vec<_> = pages.iter().map(|page| page["kind"].clone()).collect();
    assert_eq!(kinds, ["notifications", "notifications", "preferences"]);
    assert!(sizes[2] > 10, "each kind of message by each channel");
    let bobs: Value = get(bob, "/api/notifications/v1/me/export").await.json().await.unwrap();
    assert_eq!(bobs["records"].as_array().unwrap().len(), 2, "the list and the mail: {bobs}");
    let anonymous = format!("{}/api/notifications/v1/me/export", rest.served.url);
    assert_eq!(rest.client.get(anonymous).send().await.unwrap().status(), 401);
}
