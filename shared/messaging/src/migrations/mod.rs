//! What changes the tables for messages after they were made: each service has these among its migrations, in their order.

pub mod m20261128_000009_find_old_messages;
pub mod m20261128_000040_number_messages;
pub mod m20261128_000041_find_messages_by_number;

#[cfg(test)]
mod tests {
    use sea_orm_migration::MigrationName;

    use super::*;

    #[test]
    fn they_keep_the_names_under_which_databases_know_them() {
        let migrations: [&dyn MigrationName; 3] = [
            &m20261128_000009_find_old_messages::Migration,
            &m20261128_000040_number_messages::Migration,
            &m20261128_000041_find_messages_by_number::Migration,
        ];
        assert_eq!(
            migrations.map(MigrationName::name),
            [
                "m20261128_000009_find_old_messages",
                "m20261128_000040_number_messages",
                "m20261128_000041_find_messages_by_number"
            ]
        );
    }
}
