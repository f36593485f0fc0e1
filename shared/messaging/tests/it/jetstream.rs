//! What JetStream promises beyond what every bus does: it survives servers and processes.

use std::{path::Path, time::Duration};

use async_nats::jetstream;
use futures::StreamExt;
use messaging::{Bus, JetStream, Relay, jetstream::Settings};
use testbed::{Nats, Postgres};
use tokio_util::sync::CancellationToken;

use crate::{
    stage::{Stage, connect, connected, is_ready, message},
    world::{Listener, Mood, SUBJECT, Teller, count, soon},
};

#[tokio::test]
async fn a_service_that_starts_before_the_server_works_and_catches_up() {
    let mut server = Nats::start().await;
    server.kill();
    let bus = connect(&server).await;
    assert!(bus.ready().await.is_err());
    let (teller, listener) = (Teller::new().await, Listener::new("one", |_| Ok(())).await);
    listener.joins(bus.as_ref()).await;
    bus.open().await.unwrap();
    let (_relay, _stop) = teller.relay(bus.clone());
    teller.tells(3).await;
    bus.announce("a", vec![1]).await.unwrap(); // heard by nobody, and no fault
    let mut live = bus.listen("a").await.unwrap();
    server.start_again().await;
    listener.has_done(3).await;
    is_ready(bus.as_ref()).await;
    bus.announce("a", vec![2]).await.unwrap();
    assert_eq!(soon(live.next()).await, Some(vec![2]));
}

#[tokio::test]
async fn what_was_in_hand_when_its_process_died_comes_again() {
    let server = Nats::start().await;
    let (teller, listener) = (Teller::new().await, Listener::new("one", |_| Ok(())).await);
    let hangs: Mood = |_| {
        std::thread::sleep(Duration::from_mins(1));
        Ok(())
    };
    let doomed = Listener::new("one", hangs).await;
    let process = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (url, reader) = (server.url(), doomed.clone());
    let its_bus = process.spawn(async move {
        let bus = JetStream::connect(Settings::of(url)).await.unwrap();
        reader.joins(&bus).await;
        bus.open().await.unwrap();
        bus
    });
    let its_bus = its_bus.await.unwrap();
    let bus = connected(&server).await;
    let (_relay, _stop) = teller.relay(bus.clone());
    teller.tells(1).await;
    doomed.was_asked(1).await;
    process.shutdown_background();
    std::mem::forget(its_bus); // who is killed says no farewell
    listener.joins(bus.as_ref()).await;
    bus.open().await.unwrap();
    listener.has_done(1).await;
}

#[tokio::test]
async fn a_server_that_is_killed_and_comes_back_is_gone_on_with() {
    let Stage { mut server, teller, listener, .. } = Stage::open().await;
    teller.tells(20).await;
    listener.has_done(20).await;
    server.kill();
    teller.tells(20).await;
    server.start_again().await;
    listener.has_done(40).await;
    teller.has_told_all().await;
}

#[tokio::test]
async fn a_server_that_lost_its_store_is_filled_again_from_the_outbox() {
    let Stage { mut server, bus, teller, listener } = Stage::open().await;
    teller.tells(10).await;
    listener.has_done(10).await;
    teller.has_told_all().await;
    server.kill();
    server.wipe();
    server.start_again().await;
    teller.tells(1).await;
    // Whoever had handled them knows them; whoever comes now gets all of them.
    listener.has_done(11).await;
    let late = Listener::new("late", |_| Ok(())).await;
    late.joins(bus.as_ref()).await;
    late.has_done(11).await;
    listener.has_done(11).await;
    teller.has_told_all().await;
}

#[tokio::test]
async fn a_consumer_that_was_deleted_is_made_again() {
    let Stage { server, teller, listener, .. } = Stage::open().await;
    teller.tells(2).await;
    listener.has_done(2).await;
    let operator = jetstream::new(async_nats::connect(server.url()).await.unwrap());
    operator.delete_consumer_from_stream("one", "odysseus-test").await.unwrap();
    teller.tells(2).await;
    listener.has_done(4).await;
    operator.delete_stream("odysseus-test").await.unwrap();
    teller.tells(2).await;
    listener.has_done(6).await;
}

#[tokio::test]
async fn a_stream_is_kept_as_the_newest_process_has_it_and_as_the_operator_has_it() {
    let server = Nats::start().await;
    let operator = jetstream::new(async_nats::connect(server.url()).await.unwrap());
    connected(&server).await.publish(&message(serde_json::json!({}))).await.unwrap();
    let mut config = operator.get_stream("odysseus-test").await.unwrap().cached_info().config.clone();
    config.description = Some("mine".to_owned());
    operator.update_stream(&config).await.unwrap();
    let settings = Settings { stream_bytes: 5_000_000, ..Settings::of(server.url()) };
    let bus = JetStream::connect(settings).await.unwrap();
    let listener = Listener::new("one", |_| Ok(())).await;
    listener.joins(&bus).await;
    bus.open().await.unwrap();
    listener.has_done(1).await;
    let config = operator.get_stream("odysseus-test").await.unwrap().cached_info().config.clone();
    assert_eq!((config.max_bytes, config.description.as_deref()), (5_000_000, Some("mine")));
}

#[tokio::test]
async fn replicas_share_what_comes() {
    let server = Nats::start().await;
    let (here, there) = (connected(&server).await, connected(&server).await);
    let (teller, one) = (Teller::new().await, Listener::new("one", |_| Ok(())).await);
    let two = one.replica();
    one.joins(here.as_ref()).await;
    two.joins(there.as_ref()).await;
    here.open().await.unwrap();
    there.open().await.unwrap();
    let (_relay, _stop) = teller.relay(here.clone());
    // Until both had some: who is first may take the first few alone.
    let mut told = 0;
    while one.deliveries() == 0 || two.deliveries() == 0 {
        teller.tells(50).await;
        told += 50;
        one.has_done(told).await;
        assert!(told < 5_000, "one of them gets nothing");
    }
    assert_eq!(i64::from(one.deliveries() + two.deliveries()), told, "each message went to one of them");
    // One leaves in peace: the other gets everything from then on.
    here.close().await;
    let (_relay, _stop) = teller.relay(there.clone());
    teller.tells(20).await;
    two.has_done(told + 20).await;
}

#[tokio::test]
async fn a_message_that_is_published_twice_is_delivered_once() {
    let Stage { server: _server, bus, listener, .. } = Stage::open().await;
    let twice = message(serde_json::json!({}));
    bus.publish(&twice).await.unwrap();
    bus.publish(&twice).await.unwrap();
    bus.publish(&message(serde_json::json!({}))).await.unwrap();
    listener.has_done(2).await;
    assert_eq!(listener.deliveries(), 2);
}

#[tokio::test]
async fn what_is_no_message_becomes_a_dead_letter_at_once() {
    let Stage { server, bus, listener, .. } = Stage::open().await;
    bus.publish(&message(serde_json::json!({}))).await.unwrap();
    listener.has_done(1).await;
    let stranger = async_nats::connect(server.url()).await.unwrap();
    stranger.publish(SUBJECT, "not at all".into()).await.unwrap();
    soon(async {
        while listener.dead_letters().count().await.unwrap() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let letter = listener.dead_letters().list(None, 10).await.unwrap().remove(0);
    assert_eq!(letter.message.payload, "not at all");
    assert_eq!(letter.message.subject, SUBJECT);
}

#[tokio::test]
async fn what_is_announced_is_heard_by_every_process() {
    let server = Nats::start().await;
    let (here, there) = (connected(&server).await, connected(&server).await);
    for round in 0..20 {
        let topic = format!("odysseus.live.seats.{round}");
        let mut heard = there.listen(&topic).await.unwrap();
        here.announce(&topic, vec![round]).await.unwrap();
        assert_eq!(soon(heard.next()).await, Some(vec![round]));
    }
}

#[tokio::test]
async fn the_servers_configuration_lets_services_do_what_they_need_and_no_more() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nats/nats.conf");
    let names = ["USERS", "EVENTS", "TICKETS", "PAYMENTS", "NOTIFICATIONS", "ANALYTICS", "SYSTEM"];
    let names = names.map(|name| format!("NATS_{name}_PASSWORD"));
    let passwords: Vec<_> = names.iter().map(|name| (name.as_str(), "secret")).collect();
    let server = Nats::configured(&file, &passwords).await;
    assert!(async_nats::connect(server.url()).await.is_err(), "nobody without a password");
    let user = Some("tickets".to_owned());
    let password = Some("secret".to_owned());
    let bus = JetStream::connect(Settings { user, password, ..Settings::of(server.url()) }).await.unwrap();
    is_ready(&bus).await;
    let listener = Listener::new("one", |_| Ok(())).await;
    listener.joins(&bus).await;
    bus.open().await.unwrap();
    // More than a layout of 20,000 seats, which takes 700 KB.
    bus.publish(&message(serde_json::json!({ "rows": "x".repeat(3_000_000) }))).await.unwrap();
    listener.has_done(1).await;
    let mut live = bus.listen("odysseus.live.seats.1").await.unwrap();
    bus.announce("odysseus.live.seats.1", vec![1]).await.unwrap();
    assert_eq!(soon(live.next()).await, Some(vec![1]));
    assert_eq!(bus.stores().await.unwrap().len(), 2);
    let too_large = bus.publish(&message(serde_json::json!("x".repeat(9_000_000)))).await.unwrap_err();
    assert!(!too_large.passing, "{}", too_large.chain());

    let options = async_nats::ConnectOptions::new().user_and_password("tickets".into(), "secret".into());
    let mut tickets = jetstream::new(options.connect(server.url()).await.unwrap());
    tickets.set_timeout(Duration::from_millis(300));
    assert!(tickets.delete_stream("odysseus-test").await.is_err());
    assert!(tickets.get_stream("odysseus-test").await.is_ok());
}

#[tokio::test]
async fn relays_of_several_replicas_share_one_outbox() {
    let server = Nats::start().await;
    let postgres = Postgres::any().await;
    let place = testbed::empty_database(&postgres, "teller").await;
    let database = place.connect().await.writes;
    messaging::tables::create_all(&sea_orm_migration::SchemaManager::new(&database)).await.unwrap();
    let teller = Teller { database: database.clone(), outbox: messaging::Outbox::default() };
    let listener = Listener::new("one", |_| Ok(())).await;
    let bus = connected(&server).await;
    listener.joins(bus.as_ref()).await;
    bus.open().await.unwrap();
    teller.tells(300).await;
    let stop = CancellationToken::new();
    let mut relays = Vec::new();
    for _ in 0..3 {
        let relay = Relay {
            service: "teller",
            database: place.connect().await.writes,
            outbox: messaging::Outbox::default(),
            bus: connected(&server).await,
        };
        relays.push(tokio::spawn(relay.run(stop.clone())));
    }
    teller.tells(300).await;
    teller.has_told_all().await;
    listener.has_done(600).await;
    stop.cancel();
    for relay in relays {
        soon(relay).await.unwrap();
    }

    // Everything once more, as after a loss that nobody saw: what was handled is known.
    let mut steps = Vec::new();
    let again =
        messaging::outbox::send_again(&database, None, Some("odysseus.test.>"), |all| steps.push(all));
    assert_eq!(again.await.unwrap(), 600);
    assert_eq!(steps.last(), Some(&600));
    assert_eq!(messaging::outbox::waiting(&database).await.unwrap(), 600);
    let (_relay, _stop) = teller.relay(bus);
    teller.has_told_all().await;
    assert_eq!(count(&database, "outbox WHERE sent_at IS NULL").await, 0);
    let numbers = "(SELECT DISTINCT number FROM outbox WHERE number BETWEEN 1 AND 600) AS n";
    assert_eq!(count(&database, numbers).await, 600, "each has the number under which the stream has it");
    assert_eq!(listener.effects().await, (600, 600));
    for (subject, times) in [("odysseus.test.thing.done.v1", 600), ("odysseus.other.>", 0)] {
        let again = messaging::outbox::send_again(&database, None, Some(subject), |_| ()).await.unwrap();
        assert_eq!(again, times, "{subject}");
    }
    for wrong in ["", ">", "odysseus>", "a'b.>", "odysseus.*.done"] {
        assert!(
            messaging::outbox::send_again(&database, None, Some(wrong), |_| ()).await.is_err(),
            "{wrong}"
        );
    }
}
