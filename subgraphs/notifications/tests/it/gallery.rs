//! Every mail, for the eye: `cargo test -p odysseus-notifications -- --ignored` leaves their pages and texts in the temporary
//! folder, in `odysseus-mails`.

use contracts::{
    account_mail::{AccountMail, SendAccountMail},
    payments::{DisputeState, PaymentDeclined, PaymentDisputed, PaymentRefunded},
    purchase::SendConfirmation,
    settings::{Branding, OrganizationSettings, OrganizationSettingsChanged},
    tickets::{OrderCalledOff, TicketHolder},
    users::OrganizationChanged,
};
use kernel::{Currency, Money, OrganizationId, PaymentId, RefundId, TicketId, UserId};
use uuid::Uuid;

use crate::{
    kit::{Kit, Mailbox, at, event_changed, order, refund, ticket, to_pay},
    samples::rescheduled,
};

/// An organization as its mails show it, and what it sells.
struct House {
    file: &'static str,
    name: &'static str,
    title: &'static str,
    holder: &'static str,
    colour: Option<&'static str>,
    timezone: &'static str,
    price: (i64, &'static str),
}

const HOUSES: [House; 5] = [
    House {
        file: "plain",
        name: "",
        title: "Die Zauberflöte",
        holder: "Ada",
        colour: None,
        timezone: "Europe/Vienna",
        price: (4950, "EUR"),
    },
    House {
        file: "yellow",
        name: "Theater an der Brücke",
        title: "Der Barbier von Sevilla & <Freunde>",
        holder: "Zoë",
        colour: Some("#ffde00"),
        timezone: "America/St_Johns",
        price: (4950, "CAD"),
    },
    House {
        file: "hebrew",
        name: "היכל התרבות",
        title: "מופע Jazz Night 2027",
        holder: "שרה כהן",
        colour: Some("#0a5c36"),
        timezone: "Asia/Jerusalem",
        price: (12_000, "ILS"),
    },
    House {
        file: "arabic",
        name: "دار الأوبرا",
        title: "مهرجان الموسيقى 2027",
        holder: "ليلى حسن",
        colour: Some("#f4a6c0"),
        timezone: "Asia/Kuwait",
        price: (12_750, "KWD"),
    },
    House {
        file: "japanese",
        name: "東京フィルハーモニー",
        title: "交響曲第九番 2027",
        holder: "山田花子",
        colour: Some("#101010"),
        timezone: "Asia/Tokyo",
        price: (9800, "JPY"),
    },
];

impl House {
    fn money(&self, tickets: i64) -> Money {
        Money::new(self.price.0 * tickets, self.price.1.parse::<Currency>().unwrap())
    }

    fn order(&self, buyer: UserId, email: &str) -> SendConfirmation {
        let mut order =
            order(buyer, vec![ticket(self.holder, email, "104"), ticket("Bob", "bob@example.net", "105")]);
        self.title.clone_into(&mut order.event.title);
        order.event.timezone = self.timezone.parse().unwrap();
        order.total = self.money(2);
        for ticket in &mut order.tickets {
            ticket.price = self.money(1);
        }
        order
    }

    async fn is_known_to(&self, kit: &Kit, order: &SendConfirmation) {
        let organization_id = OrganizationId::new();
        let mut event = event_changed(order.event.event_id, 1, self.title);
        event.event.organization_id = organization_id;
        event.event.timezone = self.timezone.parse().unwrap();
        kit.hears(&event).await;
        let (slug, name) = ("house".to_owned(), self.name.to_owned());
        kit.hears(&OrganizationChanged { organization_id, version: 1, slug, name }).await;
        let Some(colour) = self.colour else { return };
        let branding = Branding {
            colour: Some(colour.to_owned()),
            website: Some("https://house.example/programme".to_owned()),
            support_email: Some("help@house.example".to_owned()),
        };
        let settings = OrganizationSettings { branding, ..OrganizationSettings::default() };
        kit.hears(&OrganizationSettingsChanged { organization_id, version: 1, settings }).await;
    }

    /// Everything that may be told of an order, in one mail each.
    async fn tells_everything(&self, kit: &Kit, buyer: UserId, order: &SendConfirmation) {
        let (event_id, order_id, payment_id) = (order.event.event_id, order.order_id, PaymentId::new());
        let at = at("2027-01-01T00:00:00Z");
        kit.hears(&to_pay(order_id, event_id, buyer, order.total)).await;
        kit.hears(&PaymentDeclined {
            payment_id,
            order_id,
            event_id,
            buyer_id: buyer,
            attempt: 1,
            decline_code: "insufficient_funds".to_owned(),
            at,
        })
        .await;
        while kit.notifications.send_mails().await.unwrap() {}
        kit.hears(order).await;
        kit.hears(&rescheduled(order)).await;
        kit.hears(&refund(order, &order.tickets[..1])).await;
        for whole in [false, true] {
            kit.hears(&PaymentRefunded {
                payment_id,
                refund_id: RefundId::new(),
                order_id,
                event_id,
                buyer_id: buyer,
                amount: self.money(1),
                refunded_in_all: self.money(1),
                whole,
                made_at_provider: !whole,
                asked_for: false,
                reason: "The order was cancelled before it was paid.".to_owned(),
                at,
            })
            .await;
        }
        while kit.notifications.send_mails().await.unwrap() {}
        kit.hears(&OrderCalledOff {
            order_id,
            number: order.number.clone(),
            buyer_id: buyer,
            total: order.total,
            event: order.event.clone(),
            reason: Some("The singer is ill".to_owned()),
            holders: vec![TicketHolder {
                ticket_id: TicketId::new(),
                name: "Bob".to_owned(),
                email: "bob@example.net".to_owned(),
            }],
            at,
        })
        .await;
        kit.hears(&PaymentDisputed {
            payment_id,
            dispute: "dp_1".to_owned(),
            order_id,
            event_id,
            buyer_id: buyer,
            amount: order.total,
            whole: true,
            state: DisputeState::Open,
            withheld: true,
            version: 1,
            reason: "fraudulent".to_owned(),
            at,
        })
        .await;
        while kit.notifications.send_mails().await.unwrap() {}
    }
}

#[tokio::test]
#[ignore = "for the eye: writes files"]
async fn every_mail_to_look_at() {
    let folder = std::env::temp_dir().join("odysseus-mails");
    std::fs::create_dir_all(&folder).unwrap();
    for house in HOUSES {
        let mailbox = Mailbox::open().await;
        let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
        let (buyer, email) = (UserId::new(), "buyer@example.org".to_owned());
        let mut account = Kit::change_of(buyer, 1);
        (account.name, account.email) = (house.holder.to_owned(), email.clone());
        kit.hears(&account).await;
        let order = house.order(buyer, &email);
        house.is_known_to(&kit, &order).await;
        house.tells_everything(&kit, buyer, &order).await;
        kit.hears(&SendAccountMail {
            id: Uuid::new_v4(),
            user_id: None,
            to_email: email.clone(),
            to_name: Some(house.holder.to_owned()),
            locale: "en".to_owned(),
            timezone: house.timezone.to_owned(),
            kind: AccountMail::VerifyAddress {
                link: "https://odysseus.test/account/verify#token=abc".to_owned(),
                expires_at: at("2027-03-13T19:00:00Z"),
            },
        })
        .await;
        while kit.notifications.send_mails().await.unwrap() {}
        for address in [email.as_str(), "bob@example.net", "help@house.example"] {
            for (number, mail) in mailbox.mails(address, 0).await.iter().enumerate() {
                let to = address.split(['@', '-']).next().unwrap();
                for (kind, ending) in [("html", "html"), ("text", "txt")] {
                    let file = format!("{}-{to}-{number}.{ending}", house.file);
                    std::fs::write(folder.join(file), mail[kind].as_str().unwrap()).unwrap();
                }
            }
        }
    }
}
