//! Accounts, sessions, organizations and roles.
