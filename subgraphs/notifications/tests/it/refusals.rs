//! Addresses that a mail server does not take are nobody's fault but their own.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use kernel::UserId;
use sea_orm::{ConnectionTrait, Statement};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::kit::{Kit, Mailbox, order, ticket, until};

/// Status, tries and whether there is still a letter, of each mail to an address that begins like this.
async fn mails(kit: &Kit, begins: &str) -> Vec<(String, i32, bool)> {
    let reads = &kit.database.reads;
    let query = Statement::from_sql_and_values(
        reads.get_database_backend(),
        "SELECT status, attempts, letter IS NOT NULL AS kept FROM notifications \
         WHERE channel = 'EMAIL' AND address LIKE $1 ORDER BY id",
        [format!("{begins}%").into()],
    );
    let rows = reads.query_all_raw(query).await.unwrap();
    rows.iter()
        .map(|row| {
            let column = |name| row.try_get::<String>("", name).unwrap();
            (
                column("status"),
                row.try_get("", "attempts").unwrap(),
                row.try_get::<bool>("", "kept")
                    .or_else(|_| row.try_get("", "kept").map(|n: i32| n != 0))
                    .unwrap(),
            )
        })
        .collect()
}

/// An account with such an address.
async fn account(kit: &Kit, email: &str) -> UserId {
    let user = UserId::new();
    let mut change = Kit::change_of(user, 1);
    email.clone_into(&mut change.email);
    kit.hears(&change).await;
    user
}

async fn buys(kit: &Kit, buyer: UserId, email: &str) {
    kit.hears(&order(buyer, vec![ticket("Ada", email, "104")])).await;
}

/// A mail server that speaks SMTPUTF8, hangs on recipients who begin with `slow`, turns those away who begin with
/// `nobody`, and takes all others: told is what it was told of each before the letter itself.
async fn mail_server() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, taken) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
    let told = taken.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let told = told.clone();
            tokio::spawn(async move { converse(stream, &told).await });
        }
    });
    (port, taken)
}

async fn converse(stream: TcpStream, told: &Mutex<Vec<String>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut answer = "220 here";
    let (mut envelope, mut in_data) = (String::new(), false);
    loop {
        if !answer.is_empty() {
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        answer = match line.split([' ', ':']).next().unwrap_or_default() {
            _ if in_data && line == "." => {
                in_data = false;
                told.lock().unwrap().push(std::mem::take(&mut envelope));
                "250 taken"
            }
            _ if in_data => "",
            "RCPT" if line.contains("<slow") => std::future::pending().await,
            "RCPT" if line.contains("<nobody") => "550 5.1.1 no such user",
            "EHLO" => "250-here\r\n250-8BITMIME\r\n250 SMTPUTF8",
            "MAIL" => {
                line.clone_into(&mut envelope);
                "250 yes"
            }
            "RCPT" => {
                envelope += line;
                "250 yes"
            }
            "DATA" => {
                in_data = true;
                "354 go on"
            }
            _ => "250 yes",
        };
    }
}

#[tokio::test]
async fn a_dozen_addresses_that_the_server_cannot_take_hold_up_nobody_and_fail_at_once() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let running = kit.start().await;
    for n in 0..12 {
        let email = format!("jörg.{n}@example.org");
        let buyer = account(&kit, &email).await;
        buys(&kit, buyer, &email).await;
    }
    until("all of them have failed", async || {
        let mails = mails(&kit, "jörg").await;
        mails.len() == 12 && mails.iter().all(|mail| *mail == ("FAILED".to_owned(), 1, false))
    })
    .await;
    let (ada, email) = kit.account("Ada").await;
    let begun = tokio::time::Instant::now();
    buys(&kit, ada, &email).await;
    mailbox.mails(&email, 1).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    running.stop().await;
}

#[tokio::test]
async fn a_name_with_umlauts_gets_its_mail_from_a_server_that_can() {
    let (port, taken) = mail_server().await;
    let kit = Kit::new(port).await;
    for email in ["jörg@müller.example", "ada@example.org"] {
        let buyer = account(&kit, email).await;
        buys(&kit, buyer, email).await;
        while kit.notifications.send_mails().await.unwrap() {}
        assert_eq!(mails(&kit, email).await, [("SENT".to_owned(), 1, false)]);
    }
    let taken = taken.lock().unwrap();
    assert!(taken[0].contains("<jörg@xn--mller-kva.example>") && taken[0].contains("SMTPUTF8"), "{taken:?}");
    assert!(taken[1].contains("<ada@example.org>") && !taken[1].contains("SMTPUTF8"), "{taken:?}");
}

#[tokio::test]
async fn who_buys_with_an_umlaut_domain_gets_the_mail() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let buyer = account(&kit, "ada@müller.example").await;
    buys(&kit, buyer, "ada@xn--mller-kva.example").await;
    while kit.notifications.send_mails().await.unwrap() {}
    mailbox.mails("ada@xn--mller-kva.example", 1).await;
    assert_eq!(mailbox.count().await, 1, "both spellings are the same address");
}

#[tokio::test]
async fn a_mailbox_that_is_not_there_is_given_up_and_one_that_hangs_holds_up_no_other() {
    let (port, taken) = mail_server().await;
    let mut kit = Kit::new(port).await;
    kit.config.smtp_timeout_seconds = 60;
    let running = kit.start().await;
    for email in ["slow@example.org", "nobody@example.org", "ada@example.org"] {
        let buyer = account(&kit, email).await;
        for _ in 0..5 {
            buys(&kit, buyer, email).await;
        }
    }
    until("all five of Ada's are there", async || {
        taken.lock().unwrap().iter().filter(|to| to.contains("<ada@")).count() == 5
    })
    .await;
    until("those to nobody have failed", async || {
        mails(&kit, "nobody").await.iter().all(|mail| *mail == ("FAILED".to_owned(), 1, false))
    })
    .await;
    assert!(mails(&kit, "slow").await.iter().all(|mail| mail.0 == "QUEUED"));
    drop(running); // what hangs is not waited for
}
