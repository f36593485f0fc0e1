use sea_orm::{ConnectionTrait as _, Statement};
use service::Database;
use testbed::{Nats, Port, Postgres};

async fn count(url: &str) -> i64 {
    let database = Database::connect(url, 1).await.unwrap();
    let query = Statement::from_string(database.reads.get_database_backend(), "SELECT COUNT(*) FROM kept");
    let row = database.reads.query_one_raw(query).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn postgres_that_was_killed_has_what_was_committed() {
    let mut postgres = Postgres::durable().await;
    let url = postgres.create_database("mine").await.unwrap();
    let before = Database::connect(&url, 2).await.unwrap();
    before.writes.execute_unprepared("CREATE TABLE kept (id INT)").await.unwrap();
    before.writes.execute_unprepared("INSERT INTO kept VALUES (1), (2)").await.unwrap();
    postgres.kill();
    assert!(before.ready().await.is_err());
    postgres.start_again().await;
    assert_eq!(count(&url).await, 2);
    postgres.stop().await;
    postgres.start_again().await;
    assert_eq!(count(&url).await, 2);
}

#[tokio::test]
async fn nats_comes_back_where_it_was() {
    let mut nats = Nats::start().await;
    let address = nats.address();
    nats.kill();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    nats.start_again().await;
    nats.kill();
    nats.wipe();
    nats.start_again().await;
    assert_eq!(nats.address(), address);
}

#[test]
fn a_port_is_nobody_elses() {
    let taken: Vec<_> = (0..50).map(|_| Port::take()).collect();
    let mut numbers: Vec<_> = taken.iter().map(Port::number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 50);
}
