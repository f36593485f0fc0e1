use std::sync::Arc;

use kernel::Fault;
use messaging::{Bus, InProcessBus, MAX_DELIVERIES};

use crate::world::{Listener, Mood, Teller, count};

#[tokio::test]
async fn a_dead_letter_that_cannot_be_kept_stays_in_the_outbox() {
    let bus: Arc<dyn Bus> = Arc::new(InProcessBus::new().hurrying());
    let never: Mood = |_| Err(Fault::new("reading a thing", "it has no colour").into());
    let listener = Listener::new("one", never).await;
    sea_orm::ConnectionTrait::execute_unprepared(&listener.database, "DROP TABLE dead_letters")
        .await
        .unwrap();
    listener.joins(bus.as_ref()).await;
    bus.open().await.unwrap();
    let teller = Teller::new().await;
    let (_relay, _stop) = teller.relay(bus);
    teller.tells(1).await;
    crate::world::soon(async {
        while listener.deliveries() <= MAX_DELIVERIES {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(count(&teller.database, "outbox WHERE sent_at IS NULL").await, 1);
}
