//! What people see and change through the graph, and what they must not.

use contracts::tickets::{OrderEnd, OrderEnded};
use futures::StreamExt;
use kernel::{EventId, OrderId, UserId};
use serde_json::{Value, json};
use testbed::OwnDatabase;

use crate::kit::{Kit, PATIENCE, at, caller, order, ticket};

async fn tell(kit: &Kit, buyer_id: UserId) {
    let (order_id, event_id, how) = (OrderId::new(), EventId::new(), OrderEnd::Expired);
    kit.hears(&OrderEnded {
        order_id,
        event_id,
        buyer_id,
        how,
        called_off: false,
        at: at("2027-01-01T00:00:00Z"),
    })
    .await;
}

fn code(answer: &Value) -> (&str, &str) {
    let extensions = &answer["errors"][0]["extensions"];
    (
        extensions["code"].as_str().unwrap_or_else(|| panic!("refused: {answer}")),
        extensions["field"].as_str().unwrap_or_default(),
    )
}

#[tokio::test]
async fn the_list_comes_in_pages_newest_first() {
    let kit = Kit::new(9).await;
    let (user, _) = kit.account("Ada").await;
    for _ in 0..5 {
        tell(&kit, user).await;
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = kit
            .graph(
                Some(user),
                &format!(
                    "{{ notifications(first: 2{after}) {{ totalCount pageInfo {{ hasNextPage endCursor }} \
                     nodes {{ id createdAt }} }} }}"
                ),
            )
            .await;
        let page = &page["data"]["notifications"];
        assert_eq!(page["totalCount"], 5);
        seen.extend(page["nodes"].as_array().unwrap().iter().map(|node| {
            (node["createdAt"].as_str().unwrap().to_owned(), node["id"].as_str().unwrap().to_owned())
        }));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = format!(", after: {}", page["pageInfo"]["endCursor"]);
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|one, next| one.0 >= next.0), "{seen:?}");
}

#[tokio::test]
async fn reading_a_message_takes_it_from_the_unread_ones() {
    let kit = Kit::new(9).await;
    let (user, email) = kit.account("Ada").await;
    tell(&kit, user).await;
    kit.hears(&order(user, vec![ticket("Ada", &email, "104")])).await;
    let unread = "{ notifications(unreadOnly: true) { nodes { id channel readAt } } }";
    let list = kit.graph(Some(user), unread).await["data"]["notifications"]["nodes"].clone();
    assert_eq!(list.as_array().unwrap().len(), 2, "mails are not in the list of the unread: {list}");
    let mark = format!("mutation {{ markNotificationRead(id: {}) {{ readAt }} }}", list[0]["id"]);
    let read = kit.graph(Some(user), &mark).await;
    assert!(read["data"]["markNotificationRead"]["readAt"].is_string(), "{read}");
    assert_eq!(kit.graph(Some(user), &mark).await, read, "the first time counts");
    let left = kit.graph(Some(user), unread).await["data"]["notifications"]["nodes"].clone();
    assert_eq!(left.as_array().unwrap().len(), 1);
    let mails = kit.graph(Some(user), "{ notifications(channel: EMAIL) { nodes { channel } } }").await;
    assert_eq!(mails["data"]["notifications"]["nodes"], json!([{ "channel": "EMAIL" }]));
}

#[tokio::test]
async fn nobody_sees_or_changes_what_is_somebody_elses() {
    let kit = Kit::new(9).await;
    let ((ada, _), (eve, _)) = (kit.account("Ada").await, kit.account("Eve").await);
    tell(&kit, ada).await;
    let list = kit.graph(Some(ada), "{ notifications { nodes { id } } }").await;
    let id = &list["data"]["notifications"]["nodes"][0]["id"];

    let eves = kit.graph(Some(eve), "{ notifications { totalCount } }").await;
    assert_eq!(eves["data"]["notifications"]["totalCount"], 0);
    let mark = format!("mutation {{ markNotificationRead(id: {id}) {{ id }} }}");
    assert_eq!(code(&kit.graph(Some(eve), &mark).await).0, "NOT_FOUND");
    let entity = |user: UserId| {
        format!(
            "{{ _entities(representations: [{{ __typename: \"User\", id: \"{user}\" }}]) \
             {{ ... on User {{ notificationPreferences {{ entries {{ kind }} }} }} }} }}"
        )
    };
    assert_eq!(code(&kit.graph(Some(eve), &entity(ada)).await).0, "FORBIDDEN");
    assert_eq!(code(&kit.graph(None, &entity(ada)).await).0, "UNAUTHENTICATED");
    assert!(kit.graph(Some(ada), &entity(ada)).await["errors"].is_null());
    for operation in [
        "{ notifications { totalCount } }",
        &mark,
        "mutation { setNotificationPreferences(input: { entries: [{ kind: ORDER_EXPIRED, channel: IN_APP, enabled: true }] }) { entries { kind } } }",
    ] {
        assert_eq!(code(&kit.graph(None, operation).await).0, "UNAUTHENTICATED", "{operation}");
    }
}

#[tokio::test]
async fn what_was_switched_off_is_not_told_and_tickets_are_mailed_all_the_same() {
    let kit = Kit::new(9).await;
    let (user, email) = kit.account("Ada").await;
    let set = |entries: &str| {
        format!(
            "mutation {{ setNotificationPreferences(input: {{ entries: [{entries}] }}) \
             {{ entries {{ kind channel enabled changeable }} }} }}"
        )
    };
    let off = "{ kind: ORDER_EXPIRED, channel: IN_APP, enabled: false }, \
               { kind: ORDER_CONFIRMED, channel: IN_APP, enabled: false }";
    let chosen = kit.graph(Some(user), &set(off)).await;
    let entries = &chosen["data"]["setNotificationPreferences"]["entries"];
    let expired =
        json!({ "kind": "ORDER_EXPIRED", "channel": "IN_APP", "enabled": false, "changeable": true });
    let mail = json!({ "kind": "ORDER_CONFIRMED", "channel": "EMAIL", "enabled": true, "changeable": false });
    for entry in [expired, mail] {
        assert!(entries.as_array().unwrap().contains(&entry), "{entry} is missing in {entries}");
    }

    tell(&kit, user).await;
    kit.hears(&order(user, vec![ticket("Ada", &email, "104")])).await;
    let list = kit.graph(Some(user), "{ notifications { nodes { kind channel } } }").await;
    let nodes = json!([{ "kind": "ORDER_CONFIRMED", "channel": "EMAIL" }]);
    assert_eq!(list["data"]["notifications"]["nodes"], nodes);

    // One wrong entry, and none is taken.
    let mixed = "{ kind: ORDER_EXPIRED, channel: IN_APP, enabled: true }, \
                 { kind: ORDER_CONFIRMED, channel: EMAIL, enabled: false }";
    assert_eq!(code(&kit.graph(Some(user), &set(mixed)).await), ("BAD_USER_INPUT", "enabled"));
    tell(&kit, user).await;
    let list = kit.graph(Some(user), "{ notifications(channel: IN_APP) { totalCount } }").await;
    assert_eq!(list["data"]["notifications"]["totalCount"], 0);
}

#[tokio::test]
async fn wrong_input_is_refused_naming_the_field() {
    let kit = Kit::new(9).await;
    let (user, _) = kit.account("Ada").await;
    let set = |entries: &str| {
        format!(
            "mutation {{ setNotificationPreferences(input: {{ entries: [{entries}] }}) {{ entries {{ kind }} }} }}"
        )
    };
    let one = "{ kind: ORDER_EXPIRED, channel: IN_APP, enabled: true }";
    let huge = "9".repeat(testbed::LARGEST_TEXT);
    let cases = [
        ("{ notifications(first: 0) { totalCount } }".to_owned(), "first"),
        ("{ notifications(first: -1) { totalCount } }".to_owned(), "first"),
        ("{ notifications(first: 101) { totalCount } }".to_owned(), "first"),
        ("{ notifications(after: \"%\") { totalCount } }".to_owned(), "after"),
        ("{ notifications(after: \"YWJj\") { totalCount } }".to_owned(), "after"),
        (format!("{{ notifications(after: \"{huge}\") {{ totalCount }} }}"), "after"),
        ("mutation { markNotificationRead(id: \"1 OR 1=1\") { id } }".to_owned(), "id"),
        ("mutation { markNotificationRead(id: \"\") { id } }".to_owned(), "id"),
        (set(""), "entries"),
        (set(&format!("{one}, {one}")), "entries"),
        (set(&vec![one; 101].join(", ")), "entries"),
        (set("{ kind: PAYMENT_DECLINED, channel: SMS, enabled: true }"), "channel"),
        (set("{ kind: ORDER_REFUNDED, channel: EMAIL, enabled: false }"), "enabled"),
    ];
    for (operation, field) in cases {
        let answer = kit.graph(Some(user), &operation).await;
        let shown: String = operation.chars().take(120).collect();
        assert_eq!(code(&answer), ("BAD_USER_INPUT", field), "{shown}");
    }
    for operation in [
        set("{ kind: NOTHING, channel: SMS, enabled: true }"),
        "{ notifications(x: 1) { totalCount } }".to_owned(),
    ] {
        assert_eq!(code(&kit.graph(Some(user), &operation).await).0, "BAD_USER_INPUT", "{operation}");
    }
    let unknown = "mutation { markNotificationRead(id: \"0191e6c8-0000-7000-8000-000000000000\") { id } }";
    assert_eq!(code(&kit.graph(Some(user), unknown).await).0, "NOT_FOUND");
}

#[tokio::test]
async fn a_subscriber_hears_of_each_new_message_of_their_own_once() {
    let kit = Kit::new(9).await;
    let ((ada, _), (eve, _)) = (kit.account("Ada").await, kit.account("Eve").await);
    tell(&kit, ada).await;
    let list = kit.graph(Some(ada), "{ notifications { nodes { id } } }").await;
    let before = list["data"]["notifications"]["nodes"][0]["id"].to_string();
    let schema = notifications::adapters::inbound::graphql::schema(kit.notifications.clone());
    let listen = |user: UserId| {
        let operation = "subscription { notificationReceived { id kind channel } }";
        schema.execute_stream(async_graphql::Request::new(operation).data(caller(user)))
    };
    let (mut adas, mut eves) = (listen(ada), listen(eve));
    let hearing = tokio::spawn(async move {
        let mut heard = Vec::new();
        while heard.len() < 5 {
            let next = adas.next().await.expect("the stream goes on");
            heard.push(serde_json::to_value(next).unwrap());
        }
        heard
    });
    let eves = tokio::spawn(async move { eves.next().await });
    // A stream begins when it is first asked, which nobody can see: something happens until it was heard.
    let end = tokio::time::Instant::now() + PATIENCE;
    while !hearing.is_finished() {
        assert!(tokio::time::Instant::now() < end, "nothing was heard");
        tell(&kit, ada).await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let heard = hearing.await.unwrap();
    let mut ids: Vec<_> =
        heard.iter().map(|one| one["data"]["notificationReceived"]["id"].to_string()).collect();
    assert!(!ids.contains(&before), "what was there before is not new");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5, "each once: {heard:?}");
    assert!(!eves.is_finished(), "nothing of it is Eve's business");
    eves.abort();
}

#[tokio::test]
async fn a_subscriber_whose_news_got_lost_hears_of_it_within_two_seconds() {
    let kit = Kit::new(9).await;
    let (ada, _) = kit.account("Ada").await;
    let mut heard = kit.notifications.watch_notifications(ada).await.unwrap();
    // Another replica, whose announcement does not arrive here.
    let elsewhere =
        Kit::on(OwnDatabase { database: kit.database.clone(), place: kit.place.clone() }, 9).await;
    tell(&elsewhere, ada).await;
    let next = tokio::time::timeout(std::time::Duration::from_secs(2), heard.next()).await;
    assert_eq!(next.expect("within two seconds").unwrap().unwrap().kind.as_str(), "ORDER_EXPIRED");
}

#[tokio::test]
async fn nobody_listens_without_logging_in() {
    let kit = Kit::new(9).await;
    let schema = notifications::adapters::inbound::graphql::schema(kit.notifications.clone());
    let mut stream = schema.execute_stream("subscription { notificationReceived { id } }");
    let answer = serde_json::to_value(stream.next().await.unwrap()).unwrap();
    assert_eq!(code(&answer).0, "UNAUTHENTICATED");
}
