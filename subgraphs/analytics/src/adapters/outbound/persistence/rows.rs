//! Rows, as the schema has them.

pub(super) mod event {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "events")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
        pub version: i64,
        pub organization_id: Uuid,
        pub status: String,
        pub public: Option<bool>,
        pub timezone: String,
        pub currency: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod reservation {
    use sea_orm::{FromQueryResult, prelude::Uuid};

    #[derive(FromQueryResult)]
    pub(crate) struct Model {
        pub reservation_id: Uuid,
        pub event_id: Uuid,
        pub held_at: Option<i64>,
        pub quantity: Option<i32>,
        pub ended_at: Option<i64>,
        pub expired: Option<bool>,
        /// How often it was heard of again; 0 when the row was made just now.
        pub heard_again: i32,
    }
}

pub(super) mod order {
    use sea_orm::{FromQueryResult, prelude::Uuid};

    #[derive(FromQueryResult)]
    pub(crate) struct Model {
        pub order_id: Uuid,
        pub event_id: Uuid,
        pub placed_at: Option<i64>,
        pub quantity: Option<i32>,
        pub paid_at: Option<i64>,
        pub declined_at: Option<i64>,
        pub ended: Option<String>,
        pub issued_at: Option<i64>,
        pub total: Option<i64>,
        pub fees: Option<i64>,
        pub currency: Option<String>,
        /// Tickets that went back, as JSON: by refund and ticket type how many.
        pub taken_back: Option<String>,
        /// Refunds whose money came back, as JSON.
        pub came_back: Option<String>,
        /// How often it was heard of again; 0 when the row was made just now.
        pub heard_again: i32,
    }
}

pub(super) mod belonging {
    use sea_orm::{FromQueryResult, prelude::Uuid};

    /// A line of an order, or a refund.
    #[derive(FromQueryResult)]
    pub(crate) struct Row {
        pub order_id: Uuid,
        /// Of the line's ticket type, or of the refund.
        pub id: Uuid,
        /// Of a line.
        pub quantity: Option<i32>,
        pub amount: i64,
        /// Of a refund.
        pub currency: Option<String>,
        /// Of a refund.
        pub at: Option<i64>,
        /// Of a refund.
        pub asked_for: Option<bool>,
        /// Of a refund.
        pub in_all: Option<i64>,
    }
}

pub(super) mod event_sales {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "event_sales")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
        pub revision: i64,
        pub capacity: i64,
        pub currency: Option<String>,
        pub gross: i64,
        pub fees: i64,
        pub refunded: i64,
        pub returned: i64,
        pub tickets_sold: i64,
        pub tickets_refunded: i64,
        pub checked_in: i64,
        pub holds: i64,
        pub checkouts: i64,
        pub paid: i64,
        pub expired: i64,
        pub declined: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod ticket_type_sales {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket_type_sales")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_type_id: Uuid,
        pub event_id: Uuid,
        pub version: i64,
        pub name: Option<String>,
        pub sold: i64,
        pub revenue: i64,
        pub refunded: i64,
        pub checked_in: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod quarter_sales {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "quarter_sales")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub at: i64,
        pub tickets: i64,
        pub revenue: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
