//! What users ask to be written about accounts reaches the address, once, and its secrets nobody else.

use contracts::{
    account_mail::{AccountMail, SendAccountMail},
    users::Role,
};
use kernel::UserId;
use uuid::Uuid;

use crate::kit::{Kit, Mailbox, at};

const LINK: &str = "https://odysseus.test/account/verify#token=s3cret";

fn asked(user_id: Option<UserId>, to: &str, kind: AccountMail) -> SendAccountMail {
    SendAccountMail {
        id: Uuid::from_u128(7),
        user_id,
        to_email: to.to_owned(),
        to_name: None,
        locale: "en".to_owned(),
        timezone: "Europe/Vienna".to_owned(),
        kind,
    }
}

fn verify() -> AccountMail {
    AccountMail::VerifyAddress { link: LINK.to_owned(), expires_at: at("2027-03-13T19:00:00Z") }
}

#[tokio::test]
async fn a_link_goes_to_the_address_once_and_can_be_read_nowhere_else() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let mail = asked(Some(ada), &email, verify());
    kit.hears(&mail).await;
    kit.handle(&mail).await.unwrap();
    while kit.notifications.send_mails().await.unwrap() {}
    let mails = mailbox.mails(&email, 1).await;
    assert_eq!(mailbox.count().await, 1);
    assert_eq!(mails[0]["subject"], "Is this your address?");
    assert!(
        mails[0]["text"].as_str().unwrap().contains(LINK)
            && mails[0]["html"].as_str().unwrap().contains(LINK)
    );
    let list = kit.graph(Some(ada), "{ notifications { nodes { subject body } } }").await;
    assert_eq!(list["data"]["notifications"]["nodes"].as_array().unwrap().len(), 0, "{list}");
}

#[tokio::test]
async fn an_invitation_reaches_who_has_no_account_and_says_who_sends_it() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let invitation = AccountMail::Invitation {
        link: LINK.to_owned(),
        expires_at: at("2027-03-13T19:00:00Z"),
        organization: "The Back <b>Room</b>".to_owned(),
        role: Role::Scanner,
        inviter: "Grace".to_owned(),
    };
    kit.hears(&asked(None, "bob@example.net", invitation)).await;
    while kit.notifications.send_mails().await.unwrap() {}
    let mails = mailbox.mails("bob@example.net", 1).await;
    assert!(mails[0]["text"].as_str().unwrap().contains("Grace invites you to join The Back <b>Room</b>"));
    assert!(
        mails[0]["html"].as_str().unwrap().contains("The Back &lt;b&gt;Room&lt;/b&gt;"),
        "names are no markup"
    );
}

#[tokio::test]
async fn who_is_guessed_at_reads_it_in_the_list_too() {
    let kit = Kit::new(9).await;
    let (ada, email) = kit.account("Ada").await;
    let guessing = AccountMail::PasswordGuessing { attempts: 20, since: at("2027-03-13T19:00:00Z") };
    kit.hears(&asked(Some(ada), &email, guessing)).await;
    let list = kit.graph(Some(ada), "{ notifications { nodes { kind channel body } } }").await;
    let nodes = list["data"]["notifications"]["nodes"].as_array().unwrap();
    assert_eq!((nodes.len(), &nodes[0]["kind"]), (1, &"PASSWORD_GUESSING".into()), "{list}");
    assert!(nodes[0]["body"].as_str().unwrap().contains("20 wrong passwords"), "{list}");
}

#[tokio::test]
async fn an_erased_person_gets_none_and_leaves_none_behind() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    kit.hears(&asked(Some(ada), &email, verify())).await;
    let mut gone = Kit::change_of(ada, 2);
    gone.erased = true;
    kit.hears(&gone).await;
    let mut again = asked(Some(ada), &email, verify());
    again.id = Uuid::from_u128(8);
    kit.hears(&again).await;
    while kit.notifications.send_mails().await.unwrap() {}
    assert_eq!(mailbox.count().await, 0);
}
