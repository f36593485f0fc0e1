//! Who manages an organization hears of payments that are disputed, once, and of how it ends.

use contracts::{
    payments::{DisputeState, PaymentDisputed},
    settings::{Branding, OrganizationSettings, OrganizationSettingsChanged},
    users::{MembershipChanged, Role},
};
use kernel::{Currency, EventId, Money, OrderId, OrganizationId, PaymentId, UserId};
use serde_json::Value;

use crate::kit::{Kit, Mailbox, at, event_changed, to_pay};

/// An event with an owner, a manager, and somebody at the door.
struct House {
    organization_id: OrganizationId,
    event_id: EventId,
    owner: UserId,
    manager: UserId,
    scanner: UserId,
}

impl House {
    async fn known_to(kit: &Kit) -> Self {
        let (organization_id, event_id) = (OrganizationId::new(), EventId::new());
        let mut event = event_changed(event_id, 1, "מופע Jazz Night 2027");
        event.event.organization_id = organization_id;
        kit.hears(&event).await;
        let mut people = Vec::new();
        for (name, role) in [("Olga", Role::Owner), ("Max", Role::Manager), ("Sam", Role::Scanner)] {
            let (user_id, _) = kit.account(name).await;
            kit.hears(&MembershipChanged { organization_id, user_id, version: 1, role: Some(role) }).await;
            people.push(user_id);
        }
        Self { organization_id, event_id, owner: people[0], manager: people[1], scanner: people[2] }
    }

    fn disputed(&self, order_id: OrderId, state: DisputeState, version: i64) -> PaymentDisputed {
        PaymentDisputed {
            payment_id: PaymentId::from_uuid(order_id.uuid()),
            dispute: "dp_1".to_owned(),
            order_id,
            event_id: self.event_id,
            buyer_id: UserId::new(),
            amount: Money::new(12_750, "KWD".parse::<Currency>().unwrap()),
            whole: true,
            state,
            withheld: state != DisputeState::Won,
            version,
            reason: "fraudulent".to_owned(),
            at: at("2027-01-01T00:00:00Z"),
        }
    }

    async fn can_be_written_to(&self, kit: &Kit, address: &str) {
        let branding = Branding { support_email: Some(address.to_owned()), ..Branding::default() };
        let settings = OrganizationSettings { branding, ..OrganizationSettings::default() };
        let organization_id = self.organization_id;
        kit.hears(&OrganizationSettingsChanged { organization_id, version: 1, settings }).await;
    }
}

async fn in_app(kit: &Kit, user: UserId) -> Vec<Value> {
    let list = "{ notifications(channel: IN_APP) { nodes { kind subject body } } }";
    kit.graph(Some(user), list).await["data"]["notifications"]["nodes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn owners_and_managers_read_of_a_dispute_and_of_its_end_and_nobody_else_does() {
    let kit = Kit::new(9).await;
    let house = House::known_to(&kit).await;
    let order_id = OrderId::new();
    kit.hears(&to_pay(order_id, house.event_id, UserId::new(), Money::new(12_750, Currency::EUR))).await;
    for (version, state) in [(1, DisputeState::Open), (2, DisputeState::Won)] {
        let told = house.disputed(order_id, state, version);
        kit.hears(&told).await;
        kit.handle(&told).await.unwrap();
    }
    for reader in [house.owner, house.manager] {
        let listed = in_app(&kit, reader).await;
        assert_eq!(listed.len(), 2, "{listed:?}");
        let (won, open) = (&listed[0], &listed[1]);
        assert!(listed.iter().all(|one| one["kind"] == "PAYMENT_DISPUTED"), "{listed:?}");
        assert_eq!(
            open["subject"],
            "Payment disputed: \u{2068}מופע Jazz Night 2027\u{2069} (order ODY-7F3K2M)"
        );
        let body = open["body"].as_str().unwrap();
        for part in ["12.750 KWD", "somebody else has paid with their card", "admit nobody", "answer there"] {
            assert!(body.contains(part), "{part:?} is missing in {body}");
        }
        assert!(won["body"].as_str().unwrap().ends_with("Its tickets admit again."), "{won}");
    }
    assert!(in_app(&kit, house.scanner).await.is_empty());
}

#[tokio::test]
async fn the_organization_is_mailed_where_it_can_be_written_to() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let house = House::known_to(&kit).await;
    let lost = house.disputed(OrderId::new(), DisputeState::Lost, 2);
    kit.hears(&lost).await;
    kit.notifications.send_mails().await.unwrap();
    assert_eq!(mailbox.count().await, 0, "nobody has said where");
    house.can_be_written_to(&kit, "office@example.net").await;
    kit.hears(&house.disputed(OrderId::new(), DisputeState::Open, 1)).await;
    kit.notifications.send_mails().await.unwrap();
    let mail = mailbox.mails("office@example.net", 1).await.remove(0);
    assert_eq!(mailbox.count().await, 1);
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("12.750 KWD that was paid for an order for \u{2068}מופע"), "{text}");
    assert!(mail["html"].as_str().unwrap().contains("12.750 KWD"));
}

#[tokio::test]
async fn who_knows_how_a_dispute_has_ended_is_not_told_afterwards_that_there_is_one() {
    let kit = Kit::new(9).await;
    let house = House::known_to(&kit).await;
    let order_id = OrderId::new();
    kit.hears(&house.disputed(order_id, DisputeState::Lost, 2)).await;
    kit.hears(&house.disputed(order_id, DisputeState::Open, 1)).await;
    let mut another = house.disputed(order_id, DisputeState::Open, 3);
    another.dispute = "dp_2".to_owned();
    kit.hears(&another).await;
    let subjects: Vec<_> = in_app(&kit, house.owner).await.iter().map(|one| one["subject"].clone()).collect();
    let title = "\u{2068}מופע Jazz Night 2027\u{2069}";
    assert_eq!(subjects, [format!("Payment disputed: {title}"), format!("Dispute lost: {title}")]);
}

#[tokio::test]
async fn who_manages_no_longer_or_does_not_want_it_is_told_nothing() {
    let kit = Kit::new(9).await;
    let house = House::known_to(&kit).await;
    let (organization_id, user_id) = (house.organization_id, house.manager);
    kit.hears(&MembershipChanged { organization_id, user_id, version: 3, role: None }).await;
    kit.hears(&MembershipChanged { organization_id, user_id, version: 2, role: Some(Role::Owner) }).await;
    let chosen = "mutation { setNotificationPreferences(input: { entries: \
                  [{ kind: PAYMENT_DISPUTED, channel: IN_APP, enabled: false }] }) { entries { kind } } }";
    assert!(kit.graph(Some(house.owner), chosen).await.get("errors").is_none());
    kit.hears(&house.disputed(OrderId::new(), DisputeState::Open, 1)).await;
    for person in [house.owner, house.manager, house.scanner] {
        assert!(in_app(&kit, person).await.is_empty());
    }
}

#[tokio::test]
async fn a_dispute_about_an_event_that_is_not_known_yet_comes_again() {
    let kit = Kit::new(9).await;
    let house = House::known_to(&kit).await;
    let mut told = house.disputed(OrderId::new(), DisputeState::Open, 1);
    told.event_id = EventId::new();
    let error = kit.handle(&told).await.unwrap_err();
    assert!(matches!(error, kernel::Error::Broken(fault) if fault.passing));
}

#[tokio::test]
async fn telling_sixty_managers_costs_as_many_statements_as_telling_one() {
    let mut costs = Vec::new();
    for managers in [0, 60] {
        let kit = Kit::new(9).await;
        let house = House::known_to(&kit).await;
        for _ in 0..managers {
            let (user_id, _) = kit.account("Max").await;
            let organization_id = house.organization_id;
            let role = Some(Role::Manager);
            kit.hears(&MembershipChanged { organization_id, user_id, version: 1, role }).await;
        }
        let sent = || kit.database.statements() + kit.database.background().statements();
        let before = sent();
        kit.handle(&house.disputed(OrderId::new(), DisputeState::Lost, 1)).await.unwrap();
        costs.push(sent() - before);
        assert_eq!(in_app(&kit, house.owner).await.len(), 1);
    }
    assert_eq!(costs[0], costs[1], "{costs:?}");
}
