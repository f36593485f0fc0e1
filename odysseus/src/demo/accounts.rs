//! Who is there to try things out with.

/// The password of all of them.
pub const PASSWORD: &str = "odysseus-demo";

/// An account of the demonstration.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// What one logs in with.
    pub email: &'static str,
    /// What the person is called.
    pub name: &'static str,
    /// What the account is good for.
    pub purpose: &'static str,
    /// IANA zone.
    pub timezone: &'static str,
}

/// Owns the organization.
pub const ORGANIZER: Account = Account {
    email: "organizer@odysseus.test",
    name: "Olivia Brandstetter",
    purpose: "owns the organization: venues, events, ticket types, sales",
    timezone: "Europe/Vienna",
};

/// Admits people at the door.
pub const SCANNER: Account = Account {
    email: "scanner@odysseus.test",
    name: "Sam Okafor",
    purpose: "admits people at the door",
    timezone: "Europe/Berlin",
};

/// Buys.
pub const BUYER: Account = Account {
    email: "buyer@odysseus.test",
    name: "Bea Lindgren",
    purpose: "buys tickets",
    timezone: "Europe/Berlin",
};

/// Wants the same seats.
pub const BUYER2: Account = Account {
    email: "buyer2@odysseus.test",
    name: "Ben Takahashi",
    purpose: "wants the same seats",
    timezone: "America/New_York",
};

/// Has bought before anybody came; the reason why one event is nearly sold out.
pub const REGULAR: Account = Account {
    email: "regular@odysseus.test",
    name: "Regina Vogel",
    purpose: "has tickets already",
    timezone: "Europe/Vienna",
};

/// Those that are told at the start.
pub const SHOWN: &[Account] = &[BUYER, BUYER2, ORGANIZER, SCANNER];
