use async_graphql::MaybeUndefined;
use kernel::{Change, Refusal, reasons};

/// What was sent in `field` of a change, if anything was; null is refused for what is always there.
pub fn unless_null<T>(field: &str, sent: MaybeUndefined<T>) -> Result<Option<T>, Refusal> {
    match sent {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => {
            let refusal = Refusal::bad_input(field, "must not be null; leave it out to keep it");
            Err(refusal.because(reasons::REQUIRED))
        }
        MaybeUndefined::Value(value) => Ok(Some(value)),
    }
}

/// What was sent of what can be taken away.
pub fn change<T>(sent: MaybeUndefined<T>) -> Change<T> {
    match sent {
        MaybeUndefined::Undefined => Change::Keep,
        MaybeUndefined::Null => Change::Clear,
        MaybeUndefined::Value(value) => Change::Set(value),
    }
}
