use kernel::Refusal;

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

    /// Makes the change.
    pub fn apply(self, to: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *to = None,
            Self::Set(value) => *to = Some(value),
        }
    }
}
