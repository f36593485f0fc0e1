//! How much one operation may change at once, for whoever takes operations: the router, and each service behind it.

/// Mutations of one operation.
pub const MOST_MUTATIONS: usize = 5;

/// Each of these costs a password's hash, a provider's answer or a place in an event's queue.
pub const COSTLY_MUTATIONS: [&str; 19] = [
    "login",
    "register",
    "refreshSession",
    "resetPassword",
    "requestPasswordReset",
    "changePassword",
    "changeEmail",
    "deleteAccount",
    "completeLogin",
    "beginTotp",
    "beginPasskey",
    "renewRecoveryCodes",
    "removeSecondFactor",
    "beginForeignSignIn",
    "finishForeignSignIn",
    "linkForeignAccount",
    "unlinkForeignAccount",
    "pay",
    "holdSeats",
];

/// How many of [`COSTLY_MUTATIONS`] one operation may have.
pub const MOST_COSTLY_MUTATIONS: usize = 2;
