//! Inventory, holds, orders, tickets, check-in and the purchase saga.
