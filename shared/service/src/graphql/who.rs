use async_graphql::{Enum, TypeDirective};

/// Who may ask for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Who {
    /// Everybody, logged in or not.
    Public,
    /// Everybody who is logged in.
    User,
    /// The person whom it is about.
    #[graphql(name = "SELF")]
    Oneself,
    /// Whoever buys or has bought it.
    Buyer,
    /// Whoever shows the secret that it takes: a ticket's code, an access code, the link of a mail, a refresh token, the
    /// signature of a webhook.
    Holder,
    /// Members of its organization who check in.
    Scanner,
    /// Members of its organization who sell and check in.
    BoxOffice,
    /// Members of its organization who manage events.
    Manager,
    /// Members of its organization who own it.
    Owner,
    /// Those who run the platform, to give support: they read, and change nothing.
    Operator,
}

/// Who may ask for this: each of these, and nobody else. To others what they may not see answers like what is not there.
/// On a type: who may look one up by its key.
#[TypeDirective(
    name = "access",
    location = "FieldDefinition",
    location = "Object",
    // A type that several services know has one of each of them.
    repeatable = true,
    composable = "https://odysseus.events/access/v1.0"
)]
pub fn access(
    #[graphql(desc = "Who.")] who: Vec<Who>,
    #[graphql(
        desc = "Of these, who sees also what is hidden from others, such as drafts. Nothing is hidden where it is left out."
    )]
    hidden: Option<Vec<Who>>,
) {
}
