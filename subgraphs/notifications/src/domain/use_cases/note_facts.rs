use contracts::{
    events::{EventChanged, EventStatus},
    purchase::TakePayment,
    settings::OrganizationSettingsChanged,
    users::{AccountChanged, AddressVerifiedAgain, MembershipChanged, OrganizationChanged},
};
use kernel::Result;
use uuid::Uuid;

use super::Notifications;
use crate::domain::{
    entities::{Account, Event, Order, Recipient},
    ports::Tx,
    words::Language,
};

/// Copies of what others keep need no inbox: heard again, they change nothing, and sent again by hand they fill what was not kept
/// before.
impl Notifications {
    /// Takes note of a person: that is where mails and SMS go. An erased person's messages are deleted.
    pub async fn note_account(&self, message: Uuid, change: &AccountChanged) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        keep_account(tx.as_mut(), change, None).await?;
        tx.commit().await
    }

    /// Takes note that mail arrives again at an address, unless some has come back since.
    pub async fn note_proof(&self, message: Uuid, proof: &AddressVerifiedAgain) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        tx.reached(&Recipient::Address(proof.email.clone()).key(), proof.at).await?;
        tx.commit().await
    }

    /// Takes note of an order that is to be paid, to name it in messages, and to say until when it can be; and of who is told of
    /// it.
    pub async fn note_order(&self, to_pay: TakePayment) -> Result<()> {
        let order =
            Order { number: to_pay.number, total: to_pay.amount, payable_until: Some(to_pay.expires_at) };
        self.store.note_order(to_pay.order_id, &order).await?;
        match to_pay.contact {
            Some(contact) => self.store.note_contact(to_pay.order_id, to_pay.buyer_id, &contact).await,
            None => Ok(()),
        }
    }

    /// Takes note of an event's title, to name it in messages, of its zone, of whose it is, of its end, and of when it begins:
    /// those who are reminded of it are reminded then.
    pub async fn note_event(&self, change: EventChanged) -> Result<()> {
        let event = Event {
            called_off: change.event.status == EventStatus::Cancelled,
            title: change.event.title,
            organization: Some(change.event.organization_id),
            timezone: Some(change.event.timezone),
            starts_at: Some(change.event.starts_at),
            doors_at: change.event.doors_at,
            venue_name: Some(change.event.venue_name),
        };
        self.store.note_event(change.event_id, &event, change.version).await
    }

    /// Takes note of how an organization is called.
    pub async fn note_organization(&self, told: &OrganizationChanged) -> Result<()> {
        self.store.note_organization(told).await
    }

    /// Takes note of how an organization presents itself.
    pub async fn note_settings(&self, told: &OrganizationSettingsChanged) -> Result<()> {
        self.store.note_settings(told).await
    }

    /// Takes note of who manages an organization.
    pub async fn note_member(&self, told: &MembershipChanged) -> Result<()> {
        self.store.note_member(told).await
    }
}

/// Takes note of a person. Of an erased one's address, which `address` says where it is not known here, nothing is kept either,
/// unless somebody else has an account with it by now.
pub(super) async fn keep_account(
    tx: &mut dyn Tx,
    change: &AccountChanged,
    address: Option<&str>,
) -> Result<()> {
    let known = |text: &str| if change.erased { String::new() } else { text.to_owned() };
    let account = Account {
        user_id: change.user_id,
        email: known(&change.email),
        phone: change.phone.clone().filter(|_| !change.erased),
        name: known(&change.name),
        language: Language::of(&change.locale),
        verified: Some(change.email_verified),
        guest: change.guest,
        erased: change.erased,
    };
    let before = tx.reader(change.user_id).await?.account;
    tx.note_account(&account, &change.locale, change.version).await?;
    if change.erased {
        let address = address.or(before.as_ref().map(|before| before.email.as_str()));
        let mut address = address.filter(|address| !address.is_empty());
        if let Some(said) = address {
            let owners = tx.accounts_of(&Recipient::Address(said.to_owned()).key()).await?;
            if owners.iter().any(|owner| *owner != change.user_id) {
                address = None;
            }
        }
        tx.forget(change.user_id, address).await?;
    }
    if account.is_newly_verified(before.as_ref()) {
        let now = tx.now();
        tx.reached(&Recipient::Address(account.email).key(), now).await?;
    }
    Ok(())
}
