//! Tickets as files.

use kernel::UserId;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::stage::{Payments, STALLS, Stage};

async fn get(stage: &Stage, path: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(listener, stage.routes.clone()).into_future());
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    server.abort();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_tickets_code_opens_its_file_and_nothing_else_does() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.checks_out(&stage.holds(UserId::new(), &[0, 1]).await.unwrap()).await;
    let tickets = stage.carry(Payments::Pay).await.remove(0).tickets;
    let [mine, neighbours] = &tickets[..] else { panic!("two tickets") };
    let path = format!("/api/tickets/v1/tickets/{}.pdf", mine.ticket_id);

    let answer = get(&stage, &format!("{path}?code={}", mine.qr_payload)).await;
    assert!(answer.starts_with("HTTP/1.0 200") && answer.contains("\r\n\r\n%PDF-"), "{answer:.200}");
    assert!(answer.contains("no-store"), "{answer:.200}");

    let cut = &mine.qr_payload[..mine.qr_payload.len() - 4];
    for wrong in [
        path.clone(),
        format!("{path}?code="),
        format!("{path}?code={cut}"),
        format!("{path}?code={}", neighbours.qr_payload),
        format!("/api/tickets/v1/tickets/{}?code={}", mine.ticket_id, mine.qr_payload),
        format!("/api/tickets/v1/tickets/x.pdf?code={}", mine.qr_payload),
    ] {
        let answer = get(&stage, &wrong).await;
        assert!(answer.starts_with("HTTP/1.0 404"), "{wrong}: {answer:.200}");
        assert!(answer.contains(r#""detail":"There is no such ticket.""#), "{wrong}: {answer:.200}");
    }
}
