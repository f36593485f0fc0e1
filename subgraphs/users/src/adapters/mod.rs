//! Where the domain meets GraphQL, HTTP, the database and cryptography.

pub mod inbound;
pub mod outbound;
