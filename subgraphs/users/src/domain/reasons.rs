//! Why users says no, besides what every service may say.

kernel::reasons! {
    Unauthenticated {
        /// `login`: the address or the password is wrong; which of them is not told.
        WRONG_CREDENTIALS;
        /// The refresh token is none of ours.
        REFRESH_TOKEN_INVALID;
        /// The refresh token's time is over.
        REFRESH_TOKEN_EXPIRED;
        /// The refresh token was used before, and its session has been ended for that.
        REFRESH_TOKEN_REUSED;
        /// The refresh token was used a moment ago, and the next one was used too.
        REFRESH_TOKEN_SUPERSEDED;
    }
    Forbidden {
        /// A guest asked for what takes an account; `register` makes one of the guest.
        ACCOUNT_REQUIRED;
        /// The invitation went to another address than the caller's.
        INVITED_ANOTHER_ADDRESS;
        /// The caller does not belong to the organization.
        NOT_A_MEMBER;
    }
    Conflict {
        /// There is an account with this address already.
        EMAIL_TAKEN;
        /// The address of the account is not verified yet.
        EMAIL_NOT_VERIFIED;
        /// Another organization has this slug.
        SLUG_TAKEN;
        /// An organization keeps at least one owner, and this is the last.
        LAST_OWNER;
    }
    LimitExceeded {
        /// The organization has as many members as it can have.
        TOO_MANY_MEMBERS;
        /// Too many invitations are open, or were sent in a day.
        TOO_MANY_INVITATIONS;
    }
    RateLimited {
        /// `login`: there were too many wrong passwords for this address from where the client is.
        TOO_MANY_WRONG_PASSWORDS;
        /// A mail was sent to this person not long ago.
        MAIL_SENT_RECENTLY;
    }
}
