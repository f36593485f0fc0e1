//! `sea-orm-cli`'s commands for this schema.

#[tokio::main]
async fn main() {
    sea_orm_migration::cli::run_cli(events_migration::Migrator).await;
}
