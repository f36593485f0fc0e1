//! What can be done in a case.

use serde_json::{Value, json};

/// Something that is done, or that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Seats from that one on, and places to stand, are set aside.
    Hold { first: usize, seats: usize, standing: u32 },
    /// More time to choose is asked for.
    Extend,
    /// What was set aside is given back.
    Release,
    /// A promo code is put in.
    ApplyCode(usize),
    /// It is taken out again.
    RemoveCode,
    /// It becomes an order.
    CheckOut,
    /// A card is tried.
    Pay(&'static str),
    /// The same by two clicks.
    PayTwice,
    /// The provider's page is asked for.
    OpenThePage,
    /// Something is done there.
    OnThePage(Choice),
    /// The bank asks, and the buyer confirms or does not; in time, or when the order's time is over.
    AtTheBank { agrees: bool, late: bool },
    /// Nothing is done until time is over.
    LetTimeRunOut,
    /// The order is given up.
    GiveUp,
    /// The buyer gives tickets back.
    Return(Part),
    /// The buyer passes a ticket on to another one.
    PassOn,
    /// The organizer gives money back.
    Refund { part: Part, keeps_places: bool },
    /// The event is called off.
    CallOff,
    /// The event is moved; whoever has tickets may have time to give them back.
    Reschedule { window: bool },
    /// The organization changes its fees and taxes.
    ChangeTerms,
    /// Money is given back in the provider's dashboard.
    RefundInTheDashboard(Part),
    /// A bank sends back what was to go back to the buyer.
    BankReturnsRefund,
    /// The buyer's bank wants the money back.
    Dispute,
    /// It decides.
    EndDispute { won: bool },
    /// The provider behaves in another way from now on.
    Provider(Mood),
    /// Everything of ours is killed, and starts again.
    Kill,
}

/// What is pressed on the provider's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Pay,
    Authenticate,
    Decline,
}

/// How much of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    All,
    One,
}

/// How the provider behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Webhooks { delayed: bool, doubled: bool, reordered: bool, lost_at_first: bool },
    LosesWebhooks,
    Fails,
    IsSilent,
    IsWell,
}

impl Act {
    /// What each is called.
    pub(crate) const NAMES: [&str; 25] = [
        "hold",
        "extend",
        "release",
        "apply code",
        "remove code",
        "check out",
        "pay",
        "pay twice",
        "open the page",
        "on the page",
        "at the bank",
        "let time run out",
        "give up",
        "return",
        "refund",
        "call off",
        "reschedule",
        "change terms",
        "refund in the dashboard",
        "bank returns refund",
        "dispute",
        "end dispute",
        "provider",
        "kill",
        "pass on",
    ];

    /// What it is called.
    pub(crate) fn name(&self) -> &'static str {
        let place = match self {
            Self::Hold { .. } => 0,
            Self::Extend => 1,
            Self::Release => 2,
            Self::ApplyCode(_) => 3,
            Self::RemoveCode => 4,
            Self::CheckOut => 5,
            Self::Pay(_) => 6,
            Self::PayTwice => 7,
            Self::OpenThePage => 8,
            Self::OnThePage(_) => 9,
            Self::AtTheBank { .. } => 10,
            Self::LetTimeRunOut => 11,
            Self::GiveUp => 12,
            Self::Return(_) => 13,
            Self::Refund { .. } => 14,
            Self::CallOff => 15,
            Self::Reschedule { .. } => 16,
            Self::ChangeTerms => 17,
            Self::RefundInTheDashboard(_) => 18,
            Self::BankReturnsRefund => 19,
            Self::Dispute => 20,
            Self::EndDispute { .. } => 21,
            Self::Provider(_) => 22,
            Self::Kill => 23,
            Self::PassOn => 24,
        };
        Self::NAMES[place]
    }

    /// True for what is done with a cart, before there is an order.
    pub(crate) fn is_of_a_cart(&self) -> bool {
        matches!(
            self,
            Self::Hold { .. }
                | Self::Extend
                | Self::Release
                | Self::ApplyCode(_)
                | Self::RemoveCode
                | Self::CheckOut
        )
    }
}

impl Choice {
    /// The button's address.
    pub(crate) fn button(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Authenticate => "authenticate",
            Self::Decline => "decline",
        }
    }
}

impl Mood {
    /// The sandbox's switches for it. What breaks, breaks a few times.
    pub(crate) fn switches(self) -> Value {
        match self {
            Self::Webhooks { delayed, doubled, reordered, lost_at_first } => json!({
                "webhookDelayMs": if delayed { 700 } else { 0 }, "webhookDuplicates": u8::from(doubled),
                "webhookReorder": reordered, "webhookDropFirst": lost_at_first,
            }),
            Self::LosesWebhooks => json!({ "webhookLose": 3 }),
            Self::Fails => json!({ "apiFail": 3 }),
            Self::IsSilent => json!({ "apiTimeOut": 1 }),
            Self::IsWell => json!({
                "webhookDelayMs": 0, "webhookDuplicates": 0, "webhookReorder": false, "webhookDropFirst": false,
                "webhookLose": 0, "apiFail": 0, "apiTimeOut": 0,
            }),
        }
    }
}
