//! A read model of sales, fed by events.
