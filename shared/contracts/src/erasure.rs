//! How an account is erased: `users` asks every service that keeps something of the person to forget them, and erases the
//! account itself once all have answered.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Contract,
    saga::{Asked, SagaReply},
    users::AccountChanged,
};

/// Asked of `tickets`: forget who bought. Orders, tickets and invoices stay, since they are sales records; what of them is the
/// person goes. It is answered once no order of theirs is under way; asked before, it is not answered yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetBuyer {
    /// By which saga.
    pub asked: Asked,
    /// The account, as it is once it is erased.
    pub account: AccountChanged,
}

impl Contract for ForgetBuyer {
    const SUBJECT: &'static str = "odysseus.ask.tickets.forget_buyer.v1";

    fn about(&self) -> Uuid {
        self.account.user_id.uuid()
    }
}

/// Asked of `notifications`: forget whom messages went to, and the messages. It is answered once the last mail, which says that
/// the account is gone, has left or was given up; asked before, it is not answered yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetReader {
    /// By which saga.
    pub asked: Asked,
    /// The account, as it is once it is erased.
    pub account: AccountChanged,
    /// Where its mails went: whoever has not heard of the account knows it by nothing else.
    pub address: String,
}

impl Contract for ForgetReader {
    const SUBJECT: &'static str = "odysseus.ask.notifications.forget_reader.v1";

    fn about(&self) -> Uuid {
        self.account.user_id.uuid()
    }
}

/// The answer to one of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErasureReply(pub SagaReply);

impl Contract for ErasureReply {
    const SUBJECT: &'static str = "odysseus.reply.users.saga.v1";

    fn about(&self) -> Uuid {
        self.0.saga_id.uuid()
    }
}
