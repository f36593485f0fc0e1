//! Every mail, for the eye: `cargo test -p odysseus-notifications -- --ignored` leaves their pages, texts and attachments in
//! the temporary folder, in `odysseus-mails`.

use contracts::{
    account_mail::{AccountMail, SendAccountMail},
    payments::{DisputeState, PaymentDeclined, PaymentDisputed, PaymentRefunded, ReturnReason},
    purchase::SendConfirmation,
    settings::{Branding, OrganizationSettings, OrganizationSettingsChanged},
    tickets::{OrderCalledOff, TicketHolder, WaitlistEnd},
    users::{OrganizationChanged, Role},
};
use kernel::{Currency, Money, OrganizationId, PaymentId, RefundId, TicketId, UserId};
use uuid::Uuid;

use crate::{
    kit::{Kit, Mailbox, at, event_changed, order, refund, ticket, to_pay},
    reminders::{remind, sold, soon},
    samples::{rescheduled, transferred},
    waiting::{ended, offered},
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
    locale: &'static str,
}

const HOUSES: [House; 6] = [
    House {
        file: "plain",
        name: "",
        title: "Die Zauberflöte",
        holder: "Ada",
        colour: None,
        timezone: "Europe/Vienna",
        price: (4950, "EUR"),
        locale: "en",
    },
    House {
        file: "german",
        name: "Theater an der Brücke",
        title: "Die Zauberflöte",
        holder: "Ada",
        colour: Some("#7a1f3d"),
        timezone: "Europe/Vienna",
        price: (4950, "EUR"),
        locale: "de-AT",
    },
    House {
        file: "yellow",
        name: "Theater an der Brücke",
        title: "Der Barbier von Sevilla & <Freunde>",
        holder: "Zoë",
        colour: Some("#ffde00"),
        timezone: "America/St_Johns",
        price: (4950, "CAD"),
        locale: "en",
    },
    House {
        file: "hebrew",
        name: "היכל התרבות",
        title: "מופע Jazz Night 2027",
        holder: "שרה כהן",
        colour: Some("#0a5c36"),
        timezone: "Asia/Jerusalem",
        price: (12_000, "ILS"),
        locale: "en",
    },
    House {
        file: "arabic",
        name: "دار الأوبرا",
        title: "مهرجان الموسيقى 2027",
        holder: "ليلى حسن",
        colour: Some("#f4a6c0"),
        timezone: "Asia/Kuwait",
        price: (12_750, "KWD"),
        locale: "de",
    },
    House {
        file: "japanese",
        name: "東京フィルハーモニー",
        title: "交響曲第九番 2027",
        holder: "山田花子",
        colour: Some("#101010"),
        timezone: "Asia/Tokyo",
        price: (9800, "JPY"),
        locale: "de",
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
                reason: ReturnReason::Cancelled.sentence().to_owned(),
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

/// One of each.
fn account_mails() -> Vec<AccountMail> {
    let (link, expires_at) = ("https://odysseus.test/account/verify#token=abc", at("2027-03-13T19:00:00Z"));
    let (link, at, new_email) = (link.to_owned(), expires_at, "ada.new@example.org".to_owned());
    vec![
        AccountMail::VerifyAddress { link: link.clone(), expires_at },
        AccountMail::Invitation {
            link: link.clone(),
            expires_at,
            organization: "The Back Room".to_owned(),
            role: Role::Scanner,
            inviter: "Grace".to_owned(),
        },
        AccountMail::PasswordGuessing { attempts: 20, since: at },
        AccountMail::AddressTaken,
        AccountMail::PasswordReset { link: link.clone(), expires_at },
        AccountMail::PasswordChanged { at },
        AccountMail::ConfirmNewAddress { link: link.clone(), expires_at },
        AccountMail::ConfirmAddressChange { link, expires_at, new_email: new_email.clone() },
        AccountMail::AddressChanged { new_email, at },
        AccountMail::SecondFactorChanged { what: "PASSKEY_ADDED".to_owned(), at },
        AccountMail::AccountDeleted,
    ]
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
        house.locale.clone_into(&mut account.locale);
        kit.hears(&account).await;
        let order = house.order(buyer, &email);
        house.is_known_to(&kit, &order).await;
        house.tells_everything(&kit, buyer, &order).await;
        let mut given = transferred(&order, &order.tickets[0], "Carol", "carol@example.com");
        (given.from.locale, given.to.locale) = (Some(house.locale.to_owned()), None);
        kit.hears(&given).await;
        let offer = offered(buyer);
        kit.hears(&offer).await;
        while kit.notifications.send_mails().await.unwrap() {}
        for how in [WaitlistEnd::OfferExpired, WaitlistEnd::SalesEnded] {
            kit.hears(&ended(&offered(buyer), how)).await;
        }
        let (event, soon) = sold(buyer, &email, soon());
        kit.hears(&event).await;
        kit.hears(&soon).await;
        remind(&kit).await;
        for kind in account_mails() {
            kit.hears(&SendAccountMail {
                id: Uuid::new_v4(),
                user_id: None,
                to_email: email.clone(),
                to_name: Some(house.holder.to_owned()),
                locale: house.locale.to_owned(),
                timezone: house.timezone.to_owned(),
                kind,
            })
            .await;
        }
        while kit.notifications.send_mails().await.unwrap() {}
        for address in [email.as_str(), "bob@example.net", "carol@example.com", "help@house.example"] {
            for (number, mail) in mailbox.mails(address, 0).await.iter().enumerate() {
                let to = address.split(['@', '-']).next().unwrap();
                for (kind, ending) in [("html", "html"), ("text", "txt")] {
                    let file = format!("{}-{to}-{number}.{ending}", house.file);
                    std::fs::write(folder.join(file), mail[kind].as_str().unwrap()).unwrap();
                }
                for name in
                    mail["attachments"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap())
                {
                    let file = mailbox.attachment(mail, name).await;
                    std::fs::write(folder.join(format!("{}-{to}-{number}-{name}", house.file)), file)
                        .unwrap();
                }
            }
        }
    }
}
