//! The rows of the tables.

pub(super) mod payment {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "payments")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub order_id: Uuid,
        pub number: String,
        pub event_id: Uuid,
        pub buyer_id: Uuid,
        pub amount_minor: i64,
        pub currency: String,
        pub description: String,
        pub expires_at: i64,
        pub created_at: i64,
        pub state: String,
        pub state_detail: Option<String>,
        pub if_paid: Option<String>,
        pub captured_at: Option<i64>,
        pub captured_minor: Option<i64>,
        pub captured_currency: Option<String>,
        pub intent_id: Option<String>,
        pub client_secret: Option<String>,
        pub undo_asked: bool,
        pub due_at: Option<i64>,
        pub claimed_until: i64,
        pub looks: i32,
        /// The trace of the purchase, in W3C's form.
        pub traceparent: Option<String>,
        /// How the buyer paid; nothing of it where the provider has not said so.
        pub method_kind: Option<String>,
        pub method_brand: Option<String>,
        pub method_last4: Option<String>,
        pub receipt_url: Option<String>,
        /// How many of what was opened at the provider were ended for another way.
        pub openings: i32,
        /// True once there is an attempt.
        pub tried: bool,
        /// Whose sale it is, and what of it is the platform's; nothing where nobody has told.
        pub organization_id: Option<Uuid>,
        pub fees_minor: Option<i64>,
        /// The seller's account at the provider to which the money goes, and whether it still does.
        pub destination: Option<String>,
        pub destination_state: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod attempt {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "attempts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub payment_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub buyer_id: Uuid,
        pub client_key: String,
        pub fingerprint: String,
        pub payment_method: String,
        pub state: String,
        pub detail: Option<String>,
        pub charge: Option<String>,
        pub started_at: i64,
        /// What the name of the payment method does not tell, as JSON.
        pub means: Option<String>,
        /// From which address it was made; forgotten with the key.
        pub client: Option<String>,
        /// What the provider knows the card by that was declined; forgotten with the key.
        pub card: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod refund {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "refunds")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub payment_id: Uuid,
        pub number: i32,
        pub amount_minor: i64,
        pub currency: String,
        pub reason: String,
        pub state: String,
        pub provider_id: Option<String>,
        pub announced: bool,
        pub created_at: i64,
        /// How much the provider is asked for by the present try; the amount where nothing is kept.
        pub tried_minor: Option<i64>,
        /// By whom it was asked, as JSON.
        pub asked: Option<String>,
        /// True when the present try takes the money from the seller's account.
        pub reverses: bool,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod dispute {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "disputes")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub payment_id: Uuid,
        pub amount_minor: i64,
        pub currency: String,
        pub reason: String,
        pub state: String,
        pub created_at: i64,
        pub respond_by: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod ledger_entry {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_entries")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub seq: i64,
        pub order_id: Uuid,
        pub payment_id: Uuid,
        pub cause: String,
        pub account: String,
        pub amount_minor: i64,
        pub currency: String,
        pub at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
