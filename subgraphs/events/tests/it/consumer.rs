use std::collections::BTreeMap;

use std::time::Duration;

use contracts::{
    Contract,
    users::{MembershipChanged, Role},
};
use events::adapters::inbound::events::Inbox;
use kernel::{Clock, OrganizationId, SystemClock, UserId};
use messaging::{Handler, Message};
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use crate::graph::Graph;

pub(crate) fn message<C: Contract>(fact: &C) -> Message {
    Message {
        id: Uuid::new_v4(),
        subject: C::SUBJECT.to_owned(),
        about: fact.about(),
        version: fact.version(),
        occurred_at: SystemClock.now(),
        headers: BTreeMap::new(),
        payload: serde_json::to_value(fact).unwrap(),
    }
}

async fn is_member(graph: &Graph, change: &MembershipChanged) -> bool {
    graph.events.members.is_member(change.organization_id, change.user_id).await.unwrap()
}

async fn inbox_rows(graph: &Graph) -> i64 {
    let reads = &graph.database.reads;
    let query = Statement::from_string(reads.get_database_backend(), "SELECT COUNT(*) AS n FROM inbox");
    reads.query_one_raw(query).await.unwrap().unwrap().try_get("", "n").unwrap()
}

#[tokio::test]
async fn a_membership_told_twice_or_late_changes_nothing_the_second_time() {
    let graph = Graph::start().await;
    let inbox = Inbox::new(graph.events.clone(), Duration::ZERO);
    let before = inbox_rows(&graph).await;
    let given = MembershipChanged {
        organization_id: OrganizationId::new(),
        user_id: UserId::new(),
        version: 1,
        role: Some(Role::Manager),
    };
    let taken = MembershipChanged { version: 2, role: None, ..given.clone() };
    let given_message = message(&given);
    inbox.handle(&given_message).await.unwrap();
    assert!(is_member(&graph, &given).await);
    inbox.handle(&message(&taken)).await.unwrap();
    assert!(!is_member(&graph, &given).await);
    inbox.handle(&given_message).await.unwrap();
    inbox.handle(&message(&given)).await.unwrap();
    assert!(!is_member(&graph, &given).await, "an old message gave a role back");
    assert_eq!(inbox_rows(&graph).await, before + 3);
}

#[tokio::test]
async fn what_is_none_of_its_business_is_passed_over() {
    let graph = Graph::start().await;
    let inbox = Inbox::new(graph.events.clone(), Duration::ZERO);
    let given = MembershipChanged {
        organization_id: OrganizationId::new(),
        user_id: UserId::new(),
        version: 1,
        role: Some(Role::Manager),
    };
    let other = Message { subject: "odysseus.users.account.changed.v1".to_owned(), ..message(&given) };
    inbox.handle(&other).await.unwrap();
    assert!(!is_member(&graph, &given).await);
}
