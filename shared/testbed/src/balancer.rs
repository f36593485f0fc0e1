use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// One address before several servers: connections go to each in turn, past those that are away.
pub struct Balancer {
    address: SocketAddr,
    _connections: JoinSet<()>,
}

impl Balancer {
    /// Before these servers, none of which has to be there yet.
    pub async fn before(servers: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let mut connections = JoinSet::new();
        connections.spawn(serve(listener, servers.into()));
        Self { address, _connections: connections }
    }

    /// Where to connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn serve(listener: TcpListener, servers: Arc<[SocketAddr]>) {
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let (servers, next) = (servers.clone(), next.clone());
        connections.spawn(async move {
            let first = next.fetch_add(1, Ordering::Relaxed);
            for turn in 0..servers.len() {
                if let Ok(mut server) = TcpStream::connect(servers[(first + turn) % servers.len()]).await {
                    client.set_nodelay(true).ok();
                    server.set_nodelay(true).ok();
                    tokio::io::copy_bidirectional(&mut client, &mut server).await.ok();
                    return;
                }
            }
        });
    }
}
