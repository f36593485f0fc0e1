use kernel::{Error, Fault, Refusal, reasons};

/// What a client is told of an error: a refusal as it is, and of a fault nothing but whether trying again is worth it.
pub(crate) fn told(error: Error) -> Refusal {
    match error {
        Error::Refused(refusal) => refusal,
        Error::Broken(fault) => noted(&fault),
    }
}

/// Logs a fault with its causes, and tells nothing of them.
pub(crate) fn noted(fault: &Fault) -> Refusal {
    if fault.passing {
        tracing::warn!(error = fault.chain(), "a passing fault");
        let message = "This part of the system is not available just now. Try again in a moment.";
        return Refusal::new(reasons::TEMPORARILY_DOWN, message).with("retryAfterSeconds", 1);
    }
    tracing::error!(error = fault.chain(), "a fault");
    internal()
}

/// Something of ours broke; what, is in the log.
pub(crate) fn internal() -> Refusal {
    Refusal::new(reasons::FAULT, "Something went wrong on our side. It has been noted; try again later.")
}
