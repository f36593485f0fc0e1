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
        /// The password is right, and the account has a second factor: `challenge` and `methods` say how to go on.
        SECOND_FACTOR_REQUIRED;
        /// `completeLogin`: the code is wrong, was used before, or its time is over.
        WRONG_CODE;
        /// The passkey is unknown, or its signature is wrong.
        WRONG_PASSKEY;
        /// The login took too long, was done before, or there were too many wrong codes: begin anew.
        SIGN_IN_OVER;
        /// The provider does not vouch for the person.
        PROVIDER_REFUSED;
    }
    Forbidden {
        /// A guest asked for what takes an account; `register` makes one of the guest.
        ACCOUNT_REQUIRED;
        /// The invitation went to another address than the caller's.
        INVITED_ANOTHER_ADDRESS;
        /// The caller does not belong to the organization.
        NOT_A_MEMBER;
    }
    BadUserInput {
        /// It is not the password of the caller's account.
        PASSWORD_WRONG;
        /// The code is wrong, was used before, or its time is over.
        CODE_WRONG;
        /// It is no passkey of the caller, or its signature is wrong.
        PASSKEY_WRONG;
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
        /// What is under way took too long, was done before, or there were too many wrong codes: begin anew.
        CHALLENGE_OVER;
        /// The passkey belongs to an account already.
        PASSKEY_TAKEN;
        /// The account has no second factor, and this takes one.
        NO_SECOND_FACTOR;
        /// Recovery codes go with the last of the other factors.
        RECOVERY_CODES_STAY;
        /// This platform is reached in a way that passkeys cannot be used with: by a number instead of a name.
        PASSKEYS_UNAVAILABLE;
        /// There is an account with the same address, which its owner has to log in to before the other opens it.
        LOG_IN_TO_LINK;
        /// The account elsewhere opens another account.
        FOREIGN_ACCOUNT_TAKEN;
        /// The provider does not tell the person's address.
        FOREIGN_ADDRESS_MISSING;
    }
    LimitExceeded {
        /// The organization has as many members as it can have.
        TOO_MANY_MEMBERS;
        /// Too many invitations are open, or were sent in a day.
        TOO_MANY_INVITATIONS;
        /// The account has as many second factors of this kind as it can have.
        TOO_MANY_SECOND_FACTORS;
    }
    RateLimited {
        /// `login`: there were too many wrong passwords for this address from where the client is.
        TOO_MANY_WRONG_PASSWORDS;
        /// A mail was sent to this person not long ago.
        MAIL_SENT_RECENTLY;
        /// There were too many wrong codes of an app; recovery codes and passkeys still work.
        TOO_MANY_WRONG_CODES;
    }
}
