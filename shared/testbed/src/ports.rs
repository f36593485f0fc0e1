use std::{
    fs::{File, create_dir_all},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    ops::Range,
};

use rand::RngExt as _;

/// Above what is well known, below what outgoing connections take.
const RANGE: Range<u16> = 10_000..18_000;

/// A port that is nobody else's until it is dropped, even while nobody listens on it: a server that was
/// killed finds it free again.
#[derive(Debug)]
pub struct Port {
    number: u16,
    // Locked as long as it is open; other processes see that.
    _claim: File,
}

impl Port {
    /// Takes a free one.
    pub fn take() -> Self {
        let folder = std::env::temp_dir().join("odysseus-ports");
        create_dir_all(&folder).expect("claims on ports can be noted");
        for _ in 0..1_000 {
            let number = rand::rng().random_range(RANGE);
            let claim = File::create(folder.join(number.to_string())).expect("a claim can be noted");
            if claim.try_lock().is_ok() && TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok() {
                return Self { number, _claim: claim };
            }
        }
        panic!("no port is free between {} and {}", RANGE.start, RANGE.end);
    }

    /// Its number.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// It, on this machine.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.number))
    }
}
