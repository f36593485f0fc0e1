use std::sync::Arc;

use kernel::{Fault, Refusal};
use messaging::{Bus, InProcessBus, MAX_DELIVERIES};

use crate::world::{Listener, Mood, Teller, count};

async fn told(bus: InProcessBus, moods: [Mood; 2]) -> (Teller, [Listener; 2]) {
    let bus: Arc<dyn Bus> = Arc::new(bus);
    let teller = Teller::new().await;
    let [one, two] = moods;
    let listeners = [Listener::new("one", one).await, Listener::new("two", two).await];
    for listener in &listeners {
        listener.joins(bus.as_ref()).await;
    }
    bus.open().await.unwrap();
    let (_relay, _stop) = teller.relay(bus);
    teller.tells(1).await;
    teller.has_told_all().await;
    (teller, listeners)
}

#[tokio::test]
async fn what_could_not_be_handled_comes_again_and_its_first_tries_leave_no_trace() {
    let fails_twice: Mood = |delivery| match delivery {
        1 => Err(Fault::passing("listening", "the database is down").into()),
        2 => Err(Refusal::conflict("not yet").into()),
        _ => Ok(()),
    };
    let (_, [failing, other]) = told(InProcessBus::new(), [fails_twice, |_| Ok(())]).await;
    assert_eq!((failing.deliveries(), failing.effects().await), (3, (1, 1)));
    assert_eq!((other.deliveries(), other.effects().await), (1, (1, 1)));
    assert_eq!(failing.dead_letters().count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_handler_that_panics_is_asked_again_like_one_that_fails() {
    let panics_once: Mood = |delivery| {
        assert!(delivery > 1, "the first delivery of this test panics");
        Ok(())
    };
    let (_, [panicking, other]) = told(InProcessBus::new(), [panics_once, |_| Ok(())]).await;
    assert_eq!((panicking.deliveries(), panicking.effects().await), (2, (1, 1)));
    assert_eq!((other.deliveries(), other.effects().await), (1, (1, 1)));
}

#[tokio::test]
async fn ten_failures_make_a_dead_letter_that_says_why() {
    let never: Mood = |_| Err(Fault::new("reading a thing", "it has no colour").into());
    let (teller, [failing, other]) = told(InProcessBus::new().hurrying(), [never, |_| Ok(())]).await;
    assert_eq!((failing.deliveries(), failing.effects().await), (MAX_DELIVERIES, (0, 0)));
    assert_eq!(failing.dead_letters().count().await.unwrap(), 1);
    let says_why = "dead_letters WHERE consumer = 'one' AND deliveries = 10 \
                    AND error = 'reading a thing: it has no colour' AND message LIKE '%\"quantity\":1%'";
    assert_eq!(count(&failing.database, says_why).await, 1);
    // Who could handle it is not asked again, and the teller is done with it.
    assert_eq!((other.deliveries(), other.dead_letters().count().await.unwrap()), (1, 0));
    assert_eq!(count(&teller.database, "outbox WHERE sent_at IS NOT NULL").await, 1);
}

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
