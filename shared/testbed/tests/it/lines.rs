use std::time::Duration;

use testbed::{Line, SlowProxy};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::{Instant, timeout},
};

/// A server that says everything back.
async fn echo() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await.ok();
            });
        }
    });
    address
}

async fn said_back(stream: &mut TcpStream) -> std::io::Result<u8> {
    stream.write_all(&[7]).await?;
    stream.read_u8().await
}

#[tokio::test]
async fn a_line_is_slow_hangs_breaks_and_is_mended() {
    let proxy = SlowProxy::before(echo().await).await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(said_back(&mut stream).await.unwrap(), 7);

    let slow = Duration::from_millis(50);
    proxy.becomes(Line::Open(slow));
    let before = Instant::now();
    assert_eq!(said_back(&mut stream).await.unwrap(), 7);
    assert!(before.elapsed() >= slow);

    proxy.becomes(Line::Held);
    assert!(timeout(slow, said_back(&mut stream)).await.is_err());
    proxy.becomes(Line::Open(Duration::ZERO));
    assert_eq!(stream.read_u8().await.unwrap(), 7);

    proxy.becomes(Line::Cut);
    assert!(said_back(&mut stream).await.is_err());
    proxy.becomes(Line::Open(Duration::ZERO));
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(said_back(&mut stream).await.unwrap(), 7);
}
