use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use lettre::message::header::ContentType;
use lettre::message::{Attachment, MultiPart, SinglePart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use sandbox::{BounceEndpoint, SandboxOptions};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::desk::Desk;

type Mailer = AsyncSmtpTransport<Tokio1Executor>;

pub(crate) fn mailer(desk: &Desk) -> Mailer {
    Mailer::builder_dangerous("127.0.0.1").port(desk.sandbox.smtp_port()).build()
}

pub(crate) fn letter(subject: &str) -> Message {
    let ticket = Attachment::new("Karte Ü1.pdf".to_owned())
        .body(b"%PDF-1.7 a ticket".to_vec(), ContentType::parse("application/pdf").unwrap());
    let calendar = Attachment::new("event.ics".to_owned())
        .body("BEGIN:VCALENDAR\r\n".to_owned(), ContentType::parse("text/calendar; method=PUBLISH").unwrap());
    let picture = Attachment::new_inline("qr".to_owned())
        .body(b"png".to_vec(), ContentType::parse("image/png").unwrap());
    let body = MultiPart::mixed()
        .multipart(
            MultiPart::alternative().singlepart(SinglePart::plain("Grüße\n.\nEnde".to_owned())).multipart(
                MultiPart::related()
                    .singlepart(SinglePart::html("<p>Grüße <img src=\"cid:qr\"></p>".to_owned()))
                    .singlepart(picture),
            ),
        )
        .singlepart(ticket)
        .singlepart(calendar);
    Message::builder()
        .from("Odysseus <tickets@odysseus.test>".parse().unwrap())
        .to("Penélope <Buyer@odysseus.test>".parse().unwrap())
        .subject(subject)
        .multipart(body)
        .unwrap()
}

/// Takes reports of bounces, and keeps who reported what.
async fn ear() -> (BounceEndpoint, mpsc::UnboundedReceiver<(String, Value)>) {
    let (tell, told) = mpsc::unbounded_channel();
    let hear = move |headers: HeaderMap, Json(report): Json<Value>| {
        let shown = headers["authorization"].to_str().unwrap().to_owned();
        tell.send((shown, report)).unwrap();
        async { Json(json!({ "marked": 1 })) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/bounces", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/bounces", post(hear))).await });
    (BounceEndpoint { url, secret: "secret of bounces".to_owned() }, told)
}

#[tokio::test]
async fn a_mail_is_reported_as_bounced_by_a_button_on_its_page() {
    let (endpoint, mut told) = ear().await;
    let desk = Desk::open_with(SandboxOptions { bounces: Some(endpoint), ..SandboxOptions::default() }).await;
    mailer(&desk).send(letter("Your tickets")).await.unwrap();
    let mail = desk.json("/sandbox/mails.json?wait_ms=5000").await[0]["id"].as_str().unwrap().to_owned();
    let page = format!("{}/sandbox/mails/{mail}", desk.sandbox.http_url());
    let shown = desk.http.get(&page).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains(&format!("action=\"/sandbox/mails/{mail}/bounce\"")), "{shown}");
    assert_eq!(desk.post(&format!("/sandbox/mails/{mail}/bounce"), "").await, 303);
    let (secret, report) = told.recv().await.unwrap();
    assert_eq!(secret, "Bearer secret of bounces");
    let bounce = &report["bounces"][0];
    assert_eq!((&bounce["recipient"], &bounce["status"]), (&json!("Buyer@odysseus.test"), &json!("5.1.1")));
    let shown = desk.http.get(format!("{page}?bounced")).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("It is reported: to Buyer@odysseus.test"), "{shown}");
}

#[tokio::test]
async fn where_nobody_hears_of_bounces_no_mail_is_reported_as_one() {
    let desk = Desk::open().await;
    mailer(&desk).send(letter("Your tickets")).await.unwrap();
    let mail = desk.json("/sandbox/mails.json?wait_ms=5000").await[0]["id"].as_str().unwrap().to_owned();
    let page = format!("{}/sandbox/mails/{mail}", desk.sandbox.http_url());
    assert!(!desk.http.get(&page).send().await.unwrap().text().await.unwrap().contains("/bounce"));
    assert_eq!(desk.post(&format!("/sandbox/mails/{mail}/bounce"), "").await, 404);
}

#[tokio::test]
async fn a_mail_with_a_ticket_is_read_back_as_it_was_sent() {
    let desk = Desk::open().await;
    mailer(&desk).send(letter("Ihre Karten für „Dune“")).await.unwrap();

    let mails = desk.json("/sandbox/mails.json?to=buyer@odysseus.test&wait_ms=5000").await;
    let mail = &mails[0];
    assert_eq!(mail["subject"], "Ihre Karten für „Dune“");
    assert_eq!(
        (&mail["from"], &mail["to"]),
        (&json!("tickets@odysseus.test"), &json!(["Buyer@odysseus.test"]))
    );
    assert_eq!(mail["text"].as_str().unwrap().replace('\r', "").trim_end(), "Grüße\n.\nEnde");
    assert!(mail["html"].as_str().unwrap().contains("<p>Grüße"));

    let parts = mail["attachments"].as_array().unwrap();
    let part =
        |name: &str| parts.iter().find(|part| part["name"] == name).unwrap_or_else(|| panic!("{parts:?}"));
    let ticket = part("Karte Ü1.pdf");
    assert_eq!((&ticket["contentType"], &ticket["size"]), (&json!("application/pdf"), &json!(17)));
    assert_eq!(part("event.ics")["contentType"], "text/calendar");
    let url = format!("{}{}", desk.sandbox.http_url(), ticket["url"].as_str().unwrap());
    let answer = desk.http.get(url).send().await.unwrap();
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename*=UTF-8''Karte%20%C3%9C1.pdf");
    assert_eq!(answer.bytes().await.unwrap(), "%PDF-1.7 a ticket");

    let html = format!("{}/sandbox/mails/{}/html", desk.sandbox.http_url(), mail["id"].as_str().unwrap());
    let answer = desk.http.get(html).send().await.unwrap();
    assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
    let html = answer.text().await.unwrap();
    assert!(html.contains("src=\"attachments/"), "{html}");
}

#[tokio::test]
async fn a_question_waits_for_its_mail_and_for_no_other() {
    let desk = Desk::open().await;
    let mailer = mailer(&desk);
    mailer.send(letter("An earlier one")).await.unwrap();
    let question = desk.json("/sandbox/mails.json?to=buyer@odysseus.test&subject=later&wait_ms=20000");
    let (mails, sent) = tokio::join!(question, mailer.send(letter("A later one")));
    sent.unwrap();
    assert_eq!(mails.as_array().unwrap().len(), 1);
    assert_eq!(mails[0]["subject"], "A later one");
    assert_eq!(desk.json("/sandbox/mails.json?to=nobody@odysseus.test&wait_ms=50").await, json!([]));
}

#[tokio::test]
async fn a_refused_mail_is_refused_for_now_only() {
    let desk = Desk::open().await;
    let mailer = mailer(&desk);
    desk.switch(json!({"smtpRefuse": 1})).await;
    let refused = mailer.send(letter("One")).await.unwrap_err();
    assert!(refused.is_transient(), "{refused}");
    mailer.send(letter("Two")).await.unwrap();
    assert_eq!(desk.json("/sandbox/mails.json").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_mail_that_is_too_large_is_refused_for_good_and_the_next_one_is_taken() {
    let desk = Desk::open().await;
    let mailer = mailer(&desk);
    let large = Message::builder()
        .from("a@odysseus.test".parse().unwrap())
        .to("b@odysseus.test".parse().unwrap())
        .body(format!("{}\r\n", "x".repeat(70)).repeat(400_000))
        .unwrap();
    let refused = mailer.send(large).await.unwrap_err();
    assert!(refused.is_permanent(), "{refused}");
    mailer.send(letter("A small one")).await.unwrap();
    assert_eq!(desk.json("/sandbox/mails.json").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn one_address_can_be_refused_for_good_or_for_now_and_umlauts_always_are() {
    let desk = Desk::open().await;
    let switches = json!({"smtpRejectTo": ["gone@odysseus.test"], "smtpDeferTo": ["busy@odysseus.test"]});
    let url = format!("{}/sandbox/switches", desk.sandbox.http_url());
    assert_eq!(desk.http.put(url).json(&switches).send().await.unwrap().status(), 200);
    let mut server = tokio::net::TcpStream::connect(("127.0.0.1", desk.sandbox.smtp_port())).await.unwrap();
    let mut answers = Vec::new();
    for line in [
        "",
        "EHLO here\r\n",
        "MAIL FROM:<a@odysseus.test>\r\n",
        "RCPT TO:<Gone@odysseus.test>\r\n",
        "RCPT TO:<busy@odysseus.test>\r\n",
        "RCPT TO:<jörg@odysseus.test>\r\n",
        "RCPT TO:<b@odysseus.test>\r\n",
    ] {
        server.write_all(line.as_bytes()).await.unwrap();
        answers.push(answer(&mut server).await);
    }
    assert!(!answers[1].to_uppercase().contains("SMTPUTF8"), "{}", answers[1]);
    let codes: Vec<_> = answers.iter().map(|answer| &answer[..3]).collect();
    assert_eq!(codes, ["220", "250", "250", "550", "450", "553", "250"]);
}

/// All lines of one answer.
async fn answer(server: &mut tokio::net::TcpStream) -> String {
    let mut all = String::new();
    let mut some = [0; 1024];
    loop {
        let read = server.read(&mut some).await.unwrap();
        assert!(read > 0, "it hung up after {all:?}");
        all.push_str(std::str::from_utf8(&some[..read]).unwrap());
        let last = all.trim_end().lines().last().unwrap_or_default();
        if all.ends_with('\n') && last.as_bytes().get(3) != Some(&b'-') {
            return all;
        }
    }
}
