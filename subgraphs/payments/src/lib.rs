//! Payments through Stripe, refunds and webhooks.
