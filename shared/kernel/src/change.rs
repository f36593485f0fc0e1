use crate::Refusal;

/// What is to become of something that may be there or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is taken away.
    Clear,
    /// It is this from now on.
    Set(T),
}

impl<T> Change<T> {
    /// The change with what was read of the value; where nothing is left of it, it is taken away.
    pub fn read<U>(self, read: impl FnOnce(T) -> Result<Option<U>, Refusal>) -> Result<Change<U>, Refusal> {
        Ok(match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => read(value)?.map_or(Change::Clear, Change::Set),
        })
    }

    /// What it is to be, where that was said.
    pub fn said(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// What is there after the change.
    pub fn applied(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Makes the change.
    pub fn apply(self, to: &mut Option<T>) {
        *to = self.applied(to.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reasons;

    #[test]
    fn what_is_kept_stays_and_what_is_cleared_or_set_does_not() {
        for (change, after) in
            [(Change::Keep, Some("was")), (Change::Clear, None), (Change::Set("is"), Some("is"))]
        {
            let mut there = Some("was");
            change.apply(&mut there);
            assert_eq!(there, after);
        }
    }

    #[test]
    fn a_value_of_which_nothing_is_left_is_taken_away_and_one_that_cannot_be_read_is_refused() {
        let read = |text: &str| match text {
            "" => Ok(None),
            "?" => Err(Refusal::bad_input("text", "must be a text").because(reasons::MALFORMED)),
            text => Ok(Some(text.len())),
        };
        assert_eq!(Change::Set("four").read(read), Ok(Change::Set(4)));
        assert_eq!(Change::Set("").read(read), Ok(Change::Clear));
        assert_eq!(Change::Keep.read(read), Ok(Change::Keep));
        assert!(Change::Set("?").read(read).is_err());
    }
}
