//! Rows as they lie in the tables.

pub(super) mod account {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "accounts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub email: String,
        pub email_normalised: String,
        pub name: String,
        pub phone: Option<String>,
        pub locale: String,
        pub timezone: String,
        pub email_verified: bool,
        pub password_hash: String,
        pub version: i64,
        pub created_at: i64,
        pub operator_since: Option<i64>,
        pub guest: bool,
        pub closed_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod session {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub created_at: i64,
        pub expires_at: i64,
        pub ended_at: Option<i64>,
        pub end_reason: Option<String>,
        pub device: Option<String>,
        pub last_seen_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod refresh_token {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "refresh_tokens")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: String,
        pub session_id: Uuid,
        pub issued_at: i64,
        pub expires_at: i64,
        pub used_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod login_tries {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "login_tries")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: String,
        pub address: String,
        pub failures: i64,
        pub first_at: i64,
        pub last_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod known_client {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "known_clients")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub client: String,
        pub seen_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod address_proof {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "address_proofs")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub token: String,
        pub account_id: Uuid,
        pub created_at: i64,
        pub expires_at: i64,
        pub used_at: Option<i64>,
        pub purpose: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod address_change {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "address_changes")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub new_email: String,
        pub old_token: Option<String>,
        pub old_agreed_at: Option<i64>,
        pub new_token: String,
        pub new_agreed_at: Option<i64>,
        pub created_at: i64,
        pub expires_at: i64,
        pub ended_at: Option<i64>,
        pub end_reason: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod invitation {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "invitations")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organization_id: Uuid,
        pub email: String,
        pub email_normalised: String,
        pub role: String,
        pub token: String,
        pub invited_by: Uuid,
        pub created_at: i64,
        pub expires_at: i64,
        pub ended_at: Option<i64>,
        pub end_reason: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod signing_key {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "signing_keys")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i32,
        pub kid: String,
        pub private_pem: String,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod organization {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "organizations")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub slug: String,
        pub name: String,
        pub version: i64,
        pub created_at: i64,
        pub founder_id: Uuid,
        pub idempotency_key: Option<String>,
        pub founded_with: String,
        pub settings: Option<String>,
        pub settings_version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod membership {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "memberships")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organization_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: Uuid,
        pub role: Option<String>,
        pub version: i64,
        pub since: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
