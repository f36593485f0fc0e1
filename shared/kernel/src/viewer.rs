use crate::UserId;

/// Who looks at something: a person, nobody in particular, or an operator, who gives support for the platform and reads
/// what owners of any organization read. What is changed is changed by a person: an operator counts as any other there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Viewer {
    user: Option<UserId>,
    operator: bool,
}

impl Viewer {
    /// Somebody who is not logged in.
    pub const NOBODY: Self = Self { user: None, operator: false };

    /// An operator.
    pub fn operator(user: UserId) -> Self {
        Self { user: Some(user), operator: true }
    }

    /// The person, when logged in.
    pub fn user(self) -> Option<UserId> {
        self.user
    }

    /// True for an operator.
    pub fn is_operator(self) -> bool {
        self.operator
    }

    /// The same without what an operator sees besides.
    #[must_use]
    pub fn as_person(self) -> Self {
        Self { operator: false, ..self }
    }
}

impl From<UserId> for Viewer {
    fn from(user: UserId) -> Self {
        Some(user).into()
    }
}

impl From<Option<UserId>> for Viewer {
    fn from(user: Option<UserId>) -> Self {
        Self { user, operator: false }
    }
}
