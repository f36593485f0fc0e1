//! The operations of one socket, and how many there may be.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    rc::Rc,
};

use hive_router::{GraphQLError, sonic_rs::json};
use kernel::reasons;
use tokio::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

use super::frames::Close;
use crate::{SocketLimits, errors::refused};

/// Over which operations are counted.
const WINDOW: Duration = Duration::from_secs(10);

/// Those that were begun and have not ended.
pub(super) struct Operations {
    limits: SocketLimits,
    running: Rc<RefCell<HashMap<String, CancellationToken>>>,
    /// Beside those that are running: who was told to stop and still has to hear it.
    unfinished: Rc<Cell<usize>>,
    begun: VecDeque<Instant>,
    refused: u32,
    all: CancellationToken,
}

/// Why an operation does not begin.
#[derive(Debug)]
pub(super) enum NotBegun {
    /// The client hears it and may go on.
    Refused(Box<GraphQLError>),
    /// It breaks the protocol, or does not listen.
    Closed(Close),
}

/// One that runs; dropping it ends it.
pub(super) struct Running {
    id: String,
    stop: CancellationToken,
    among: Rc<RefCell<HashMap<String, CancellationToken>>>,
    unfinished: Rc<Cell<usize>>,
}

impl Operations {
    pub(super) fn new(limits: SocketLimits) -> Self {
        Self {
            limits,
            running: Rc::default(),
            unfinished: Rc::default(),
            begun: VecDeque::new(),
            refused: 0,
            all: CancellationToken::new(),
        }
    }

    /// One more, unless there are too many.
    pub(super) fn begin(&mut self, id: String, is_anonymous: bool) -> Result<Running, NotBegun> {
        if self.running.borrow().contains_key(&id) {
            return Err(NotBegun::Closed(Close::ID_IN_USE));
        }
        if let Err(refusal) = self.make_room(is_anonymous) {
            self.refused += 1;
            // Who goes on as if nothing was said costs more than a socket is worth.
            let too_often = self.refused > self.limits.operations_per_ten_seconds.max(20);
            return Err(if too_often {
                NotBegun::Closed(Close::TOO_MANY)
            } else {
                NotBegun::Refused(refusal)
            });
        }
        let stop = self.all.child_token();
        self.running.borrow_mut().insert(id.clone(), stop.clone());
        self.unfinished.set(self.unfinished.get() + 1);
        Ok(Running { id, stop, among: self.running.clone(), unfinished: self.unfinished.clone() })
    }

    fn make_room(&mut self, is_anonymous: bool) -> Result<(), Box<GraphQLError>> {
        let now = Instant::now();
        while self.begun.front().is_some_and(|begun| now - *begun >= WINDOW) {
            self.begun.pop_front();
        }
        let most = self.limits.operations_per_ten_seconds as usize;
        if let Some(first) = self.begun.front().filter(|_| self.begun.len() >= most) {
            let wait = WINDOW.saturating_sub(now - *first).as_secs() + 1;
            let message = format!(
                "This socket has begun {most} operations within 10 s, which is the limit \
                 (operations_per_ten_seconds). Wait {wait} s."
            );
            let mut refusal = refused(reasons::TOO_MANY_REQUESTS, message);
            refusal.extensions.set("retryAfterSeconds".into(), json!(wait));
            return Err(refusal.into());
        }
        let (most, limit) = if is_anonymous {
            (self.limits.open_anonymous, "open_anonymous")
        } else {
            (self.limits.open, "open")
        };
        if self.unfinished.get() >= most as usize {
            let message = format!(
                "This socket has {most} operations open, which is the limit ({limit}). Complete one before the next{}.",
                if is_anonymous { ", or log in: then there may be more" } else { "" }
            );
            return Err(refused(reasons::TOO_MANY_OPEN_OPERATIONS, message).into());
        }
        self.begun.push_back(now);
        Ok(())
    }

    /// The client wants no more of this one; its id is free at once.
    pub(super) fn complete(&mut self, id: &str) {
        if let Some(stop) = self.running.borrow_mut().remove(id) {
            stop.cancel();
        }
    }
}

impl Drop for Operations {
    fn drop(&mut self) {
        self.all.cancel();
    }
}

impl Running {
    /// Until nobody wants it any more.
    pub(super) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Stopped, its id may belong to another one by now.
        if !self.is_stopped() {
            self.among.borrow_mut().remove(&self.id);
        }
        self.unfinished.set(self.unfinished.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operations() -> Operations {
        Operations::new(SocketLimits { open: 3, open_anonymous: 2, operations_per_ten_seconds: 5 })
    }

    fn code(outcome: Result<Running, NotBegun>) -> String {
        match outcome {
            Ok(_) => "begun".to_owned(),
            Err(NotBegun::Refused(refusal)) => refusal.extensions.code.unwrap(),
            Err(NotBegun::Closed(close)) => format!("{close:?}"),
        }
    }

    #[tokio::test]
    async fn an_id_is_free_as_soon_as_its_operation_is_completed() {
        let mut operations = operations();
        let first = operations.begin("a".into(), false).unwrap();
        assert!(code(operations.begin("a".into(), false)).contains("4409"));
        operations.complete("a");
        assert!(first.is_stopped());
        let second = operations.begin("a".into(), false).unwrap();
        drop(first);
        assert!(code(operations.begin("a".into(), false)).contains("4409"), "it is the second one's");
        drop(second);
        assert_eq!(code(operations.begin("a".into(), false)), "begun");
    }

    #[tokio::test(start_paused = true)]
    async fn there_are_so_many_at_a_time_and_in_ten_seconds() {
        let mut operations = operations();
        let _two = [operations.begin("a".into(), true).unwrap(), operations.begin("b".into(), true).unwrap()];
        assert_eq!(code(operations.begin("c".into(), true)), "LIMIT_EXCEEDED");
        let third = operations.begin("c".into(), false).unwrap();
        assert_eq!(code(operations.begin("d".into(), false)), "LIMIT_EXCEEDED");
        operations.complete("c");
        assert_eq!(code(operations.begin("d".into(), false)), "LIMIT_EXCEEDED", "it has not ended yet");
        drop(third);
        for _ in 0..2 {
            assert_eq!(code(operations.begin("d".into(), false)), "begun");
        }
        assert_eq!(code(operations.begin("e".into(), false)), "RATE_LIMITED");
        tokio::time::advance(WINDOW).await;
        assert_eq!(code(operations.begin("e".into(), false)), "begun");
    }

    #[tokio::test]
    async fn who_does_not_listen_to_refusals_is_cut_off() {
        let mut operations = operations();
        let outcomes: Vec<_> = (0..40).map(|n| code(operations.begin(n.to_string(), false))).collect();
        assert!(outcomes[39].contains("4429"), "{outcomes:?}");
    }
}
