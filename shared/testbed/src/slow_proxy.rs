use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
    time::sleep,
};

/// How the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Everything goes through; towards the server only after this time.
    Open(Duration),
    /// Connections stand, and nothing goes through: a server that hangs.
    Held,
    /// Connections break, and new ones too: a server that is away.
    Cut,
}

/// A line to a server that can be made worse. It is there until this is dropped.
pub struct SlowProxy {
    address: SocketAddr,
    line: watch::Sender<Line>,
    _connections: JoinSet<()>,
}

impl SlowProxy {
    /// A line to `server`, which is good at first.
    pub async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let line = watch::Sender::new(Line::Open(Duration::ZERO));
        let mut connections = JoinSet::new();
        connections.spawn(serve(listener, server, line.subscribe()));
        Self { address, line, _connections: connections }
    }

    /// Where to connect instead.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The line is like that from now on, for connections that stand too.
    pub fn becomes(&self, line: Line) {
        self.line.send_replace(line);
    }
}

async fn serve(listener: TcpListener, server: SocketAddr, line: watch::Receiver<Line>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        if *line.borrow() != Line::Cut {
            connections.spawn(carry(client, server, line.clone()));
        }
    }
}

async fn carry(client: TcpStream, server: SocketAddr, line: watch::Receiver<Line>) {
    let mut cut = line.clone();
    let through = async {
        let Ok(server) = TcpStream::connect(server).await else { return };
        client.set_nodelay(true).ok();
        server.set_nodelay(true).ok();
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        // When one side has ended, so has the other.
        tokio::select! {
            () = pass(from_client, to_server, line.clone(), true) => {}
            () = pass(from_server, to_client, line, false) => {}
        }
    };
    tokio::select! {
        () = through => {}
        _ = cut.wait_for(|line| *line == Line::Cut) => {}
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut line: watch::Receiver<Line>,
    slowly: bool,
) {
    let mut piece = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        let Ok(open) = line.wait_for(|line| matches!(line, Line::Open(_))).await.map(|line| *line) else {
            return;
        };
        if let (Line::Open(delay), true) = (open, slowly) {
            sleep(delay).await;
        }
        if to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
}
