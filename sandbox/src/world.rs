//! What every part of the sandbox shares.

use std::sync::{PoisonError, RwLock, atomic::AtomicU64};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::mail::bounces::Bounces;
use crate::openid::OpenId;
use crate::sms::SmsAccount;
use crate::store::Store;
use crate::stripe::idempotency::InFlight;
use crate::switches::SwitchBoard;

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) board: SwitchBoard,
    pub(crate) in_flight: InFlight,
    /// How often Stripe's API was called.
    pub(crate) calls: AtomicU64,
    pub(crate) api_key: Option<String>,
    pub(crate) sms_account: Option<SmsAccount>,
    pub(crate) openid: OpenId,
    /// None: nobody is told of mails that did not arrive.
    pub(crate) bounces: Option<Bounces>,
    public_url: RwLock<String>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl World {
    pub(crate) fn new(
        store: Store,
        api_key: Option<String>,
        sms_account: Option<SmsAccount>,
        public_url: String,
        sign_in_back: Option<String>,
        bounces: Option<Bounces>,
    ) -> Self {
        Self {
            store,
            board: SwitchBoard::new(),
            in_flight: InFlight::default(),
            calls: AtomicU64::new(0),
            api_key,
            sms_account,
            openid: OpenId::new(sign_in_back),
            bounces,
            public_url: RwLock::new(public_url),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// The address under which people reach the pages, without a slash at its end.
    pub(crate) fn public_url(&self) -> String {
        self.public_url.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_public_url(&self, url: &str) {
        let mut known = self.public_url.write().unwrap_or_else(PoisonError::into_inner);
        url.trim_end_matches('/').clone_into(&mut known);
    }
}
