use crate::ErrorCode;

/// Why something is refused, told more exactly than by its code: `ALREADY_CHECKED_OUT` is one of many conflicts.
///
/// Codes are a closed list that clients can rely on; reasons are an open one, which grows without notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    code: ErrorCode,
    name: &'static str,
    when: &'static str,
}

impl Reason {
    /// A reason for refusals of one code. [`crate::reasons!`] is how a list of them is written.
    pub const fn new(code: ErrorCode, name: &'static str, when: &'static str) -> Self {
        Self { code, name, when }
    }

    /// The code that every refusal for this reason has.
    pub const fn code(self) -> ErrorCode {
        self.code
    }

    /// As clients read it: `ALREADY_CHECKED_OUT`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// When something is refused for this reason, for the documents.
    pub fn when(self) -> &'static str {
        self.when.trim()
    }
}

/// Writes a list of reasons: for each code their names, each with a comment that says when, which the documents print.
/// `ALL` holds them.
#[macro_export]
macro_rules! reasons {
    ($($code:ident { $($(#[doc = $when:literal])+ $name:ident;)+ })+) => {
        $($(
            $(#[doc = $when])+
            pub const $name: $crate::Reason =
                $crate::Reason::new($crate::ErrorCode::$code, stringify!($name), concat!($($when),+));
        )+)+

        /// The whole list.
        pub const ALL: &[$crate::Reason] = &[$($($name),+),+];
    };
}

/// The reasons that may be met in every service.
pub mod reasons {
    crate::reasons! {
        Unauthenticated {
            /// The call needs an access token, and none came.
            LOGIN_REQUIRED;
            /// The access token is not one of ours, or was changed on its way.
            TOKEN_INVALID;
            /// The access token's time is over; `refreshSession` gets another one.
            TOKEN_EXPIRED;
            /// The session of the access token was ended.
            SESSION_ENDED;
        }
        Forbidden {
            /// The caller's role in the organization, if there is any, does not allow it.
            ROLE_REQUIRED;
            /// It is shown to, or done by, the person whom it concerns, and nobody else.
            OWNER_ONLY;
        }
        NotFound {
            /// There is nothing at this address, or an id leads to nothing that the caller may see.
            NO_SUCH_THING;
        }
        BadUserInput {
            /// The value is not what is meant here; the message says what would be right.
            INVALID;
            /// It must be given, must not be null, or must not be empty.
            REQUIRED;
            /// It cannot be read as what it has to be: a number, an instant, an id, an address.
            MALFORMED;
            /// It is an id, but of something else.
            WRONG_KIND;
            /// A text has too many characters.
            TOO_LONG;
            /// A text has too few characters.
            TOO_SHORT;
            /// A list has too few or too many items.
            WRONG_COUNT;
            /// A number or an amount is too small or too large.
            OUT_OF_RANGE;
            /// A text has characters that are not allowed there.
            FORBIDDEN_CHARACTERS;
            /// It is there twice, and may be there once.
            DUPLICATE;
            /// It is none of those there are: a currency, a country, a time zone, a field.
            UNKNOWN;
            /// It does not fit another part of the same input.
            INCONSISTENT;
            /// Others would find it by trying: a password, an access code.
            TOO_EASY_TO_GUESS;
            /// The message is sent to everybody whom it concerns, by this channel.
            CANNOT_BE_SWITCHED_OFF;
            /// The operation keeps no idempotency key, and the header came all the same.
            NO_IDEMPOTENCY_HERE;
            /// An instant is past, and must not be.
            IN_THE_PAST;
            /// The operation is too large, too deep or asks for too much at once.
            OPERATION_TOO_LARGE;
            /// The document or the body cannot be understood at all.
            UNREADABLE_REQUEST;
            /// The path exists, but not for this method.
            METHOD_NOT_ALLOWED;
            /// The body is of another media type than is read there.
            UNSUPPORTED_MEDIA_TYPE;
            /// The body is larger than is read there.
            BODY_TOO_LARGE;
        }
        Conflict {
            /// The event has no seating plan yet; `updateEvent` gives it one.
            LAYOUT_MISSING;
        }
        LimitExceeded {
            /// A WebSocket has as many operations open as it may have.
            TOO_MANY_OPEN_OPERATIONS;
        }
        IdempotencyKeyReused {
            /// The same caller used this idempotency key before, with another input.
            SAME_KEY_OTHER_INPUT;
        }
        RateLimited {
            /// Too many calls came from the same address or account; `retryAfterSeconds` says when to come again.
            TOO_MANY_REQUESTS;
        }
        ServiceUnavailable {
            /// A part of the system does not answer just now.
            TEMPORARILY_DOWN;
            /// There is more to do than can be done; nothing was begun.
            OVERLOADED;
            /// It took longer than a request may take, and may still be carried out.
            TOOK_TOO_LONG;
            /// What was made a moment ago has not arrived where it is needed.
            NOT_READY_YET;
        }
        Internal {
            /// Our own fault; its cause is in the log.
            FAULT;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_reason_has_a_name_of_its_own_and_says_when() {
        let mut names = HashSet::new();
        for reason in reasons::ALL {
            assert!(names.insert(reason.name()), "{} is there twice", reason.name());
            assert!(reason.when().ends_with('.'), "{}: {:?}", reason.name(), reason.when());
        }
        assert_eq!(reasons::TOO_LONG.code(), ErrorCode::BadUserInput);
        assert_eq!(reasons::TOO_LONG.when(), "A text has too many characters.");
    }
}
