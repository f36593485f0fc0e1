//! The SMTP server. The protocol is the crate mailin's; here are the sockets, the limits and the stopping.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use mailin::{Action, Handler, Response, Session, SessionBuilder};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Mail;
use crate::clock;
use crate::world::World;

const LARGEST_MAIL: usize = 25 * 1024 * 1024;
const LONGEST_LINE: u64 = 1024 * 1024;
const MOST_RECIPIENTS: usize = 100;
const MOST_CONNECTIONS: usize = 64;
const PATIENCE: Duration = Duration::from_mins(5);

/// Takes mails until the sandbox stops.
pub(crate) async fn serve(world: Arc<World>, listener: TcpListener) {
    let seats = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = world.stop.cancelled() => return,
            accepted = accept(&listener, &seats) => accepted,
        };
        match accepted {
            Ok((stream, peer, seat)) => {
                let world = Arc::clone(&world);
                let tasks = world.tasks.clone();
                tasks.spawn(async move {
                    let stop = world.stop.clone();
                    tokio::select! {
                        () = stop.cancelled() => (),
                        ended = converse(world, stream, peer) => {
                            if let Err(broken) = ended {
                                tracing::debug!(%broken, "an SMTP connection broke");
                            }
                        }
                    }
                    drop(seat);
                });
            }
            Err(broken) => {
                tracing::warn!(%broken, "the SMTP server could not accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn accept(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
) -> io::Result<(TcpStream, IpAddr, tokio::sync::OwnedSemaphorePermit)> {
    let seat = Arc::clone(seats).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer.ip(), seat))
}

async fn converse(world: Arc<World>, stream: TcpStream, peer: IpAddr) -> io::Result<()> {
    let mut session: Session<Letterbox> =
        SessionBuilder::new("sandbox.odysseus.test").build(peer, Letterbox::new(world));
    let mut stream = BufReader::new(stream);
    answer(&mut stream, &session.greeting()).await?;
    let mut line = Vec::with_capacity(1024);
    let mut in_data = false;
    loop {
        line.clear();
        let mut bounded = (&mut stream).take(LONGEST_LINE);
        let read = timeout(PATIENCE, bounded.read_until(b'\n', &mut line)).await??;
        if read == 0 || line.last() != Some(&b'\n') {
            return Ok(());
        }
        let response = session.process(&line);
        if response.action != Action::NoReply {
            answer(&mut stream, &response).await?;
        }
        // mailin stays in its data state when the end of a mail is refused; only a new connection gets out of it.
        let refused_in_data = in_data && response.is_error;
        in_data = response.code == 354 || (in_data && response.action == Action::NoReply);
        if response.action == Action::Close || refused_in_data {
            return Ok(());
        }
    }
}

async fn answer(stream: &mut BufReader<TcpStream>, response: &Response) -> io::Result<()> {
    let bytes = response.buffer()?;
    timeout(PATIENCE, stream.get_mut().write_all(&bytes)).await?
}

/// What a connection has said of the mail it is about to give.
struct Letterbox {
    world: Arc<World>,
    from: String,
    to: Vec<String>,
    source: Vec<u8>,
    too_large: bool,
}

impl Letterbox {
    fn new(world: Arc<World>) -> Self {
        Self { world, from: String::new(), to: Vec::new(), source: Vec::new(), too_large: false }
    }
}

impl Handler for Letterbox {
    fn mail(&mut self, _ip: IpAddr, _domain: &str, from: &str) -> Response {
        if self.world.board.strikes(|switches| &mut switches.smtp_refuse) {
            return refusal(451, "4.3.0 The sandbox was told to refuse this mail for now");
        }
        if !from.is_ascii() {
            return no_umlauts();
        }
        from.clone_into(&mut self.from);
        self.to.clear();
        mailin::response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        if self.to.len() == MOST_RECIPIENTS {
            return refusal(452, "4.5.3 Too many recipients");
        }
        if !to.is_ascii() {
            return no_umlauts();
        }
        let switches = self.world.board.now();
        if names(&switches.smtp_reject_to, to) {
            return refusal(550, "5.1.1 The sandbox was told that nobody here has this address");
        }
        if names(&switches.smtp_defer_to, to) {
            return refusal(450, "4.2.1 The sandbox was told not to take mail for this address for now");
        }
        self.to.push(to.to_owned());
        mailin::response::OK
    }

    fn data_start(&mut self, _domain: &str, _from: &str, _8bit: bool, to: &[String]) -> Response {
        self.to = to.to_vec();
        self.source.clear();
        self.too_large = false;
        mailin::response::OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        self.too_large |= self.source.len() + line.len() > LARGEST_MAIL;
        if !self.too_large {
            self.source.extend_from_slice(line);
        }
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let source: Arc<[u8]> = std::mem::take(&mut self.source).into();
        if self.too_large {
            return refusal(552, "5.3.4 The mail is too large");
        }
        let mail =
            Mail::new(clock::now_ms(), std::mem::take(&mut self.from), std::mem::take(&mut self.to), &source);
        match self.world.store.keep_mail(mail, source) {
            Ok(()) => mailin::response::OK,
            Err(broken) => {
                tracing::error!(%broken, "the sandbox could not keep a mail");
                mailin::response::INTERNAL_ERROR
            }
        }
    }
}

/// As a server answers that does not know SMTPUTF8, and this one does not say that it does.
fn no_umlauts() -> Response {
    refusal(553, "5.6.7 Addresses here are ASCII; SMTPUTF8 is not supported")
}

fn names(addresses: &[String], address: &str) -> bool {
    addresses.iter().any(|known| known.eq_ignore_ascii_case(address))
}

fn refusal(code: u16, message: &str) -> Response {
    Response::custom(code, message.to_owned())
}
