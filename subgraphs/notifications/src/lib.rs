//! Mail, SMS and in-app messages.
