//! What a breaker lets through, and when.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use breaker::{Breaker, Settings, TookTooLong};
use failsafe::clock::{MockClock, freeze};
use kernel::{Error, Fault, Refusal};

const LIMIT: Duration = Duration::from_secs(20);
const SETTINGS: Settings = Settings { failures: 3, pause_millis: 1_000, longest_pause_millis: 4_000 };

/// Runs a story in which time passes only where it says so.
fn story(tell: impl AsyncFnOnce(Breaker, &mut MockClock)) {
    let breaker = Breaker::new("Stripe", SETTINGS);
    told(breaker, tell);
}

fn told(breaker: Breaker, tell: impl AsyncFnOnce(Breaker, &mut MockClock)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    freeze(|clock| runtime.unwrap().block_on(tell(breaker, clock)));
}

fn broken() -> Fault {
    Fault::passing("taking a payment", "the connection was reset")
}

async fn fails(breaker: &Breaker) -> Fault {
    breaker.call(LIMIT, async { Err::<(), _>(broken()) }).await.unwrap_err()
}

async fn answers(breaker: &Breaker) -> Result<u8, Fault> {
    breaker.call(LIMIT, async { Ok(1) }).await
}

async fn opens(breaker: &Breaker) {
    for _ in 0..SETTINGS.failures {
        assert_eq!(fails(breaker).await.left_alone(), None);
    }
    assert!(breaker.is_open());
}

#[test]
fn who_fails_three_times_in_a_row_is_left_alone() {
    story(async |stripe, _| {
        opens(&stripe).await;
        let mut asked = false;
        let call = async {
            asked = true;
            Ok::<(), Fault>(())
        };
        let refused = stripe.call(LIMIT, call).await.unwrap_err();
        assert!(!asked && refused.passing && refused.left_alone().is_some());
        assert_eq!(refused.chain(), "asking Stripe: it fails, and is not asked for another 1 s");
    });
}

#[test]
fn who_fails_now_and_then_is_asked_on() {
    story(async |stripe, _| {
        for _ in 0..10 {
            fails(&stripe).await;
            fails(&stripe).await;
            assert!(answers(&stripe).await.is_ok());
        }
        assert!(!stripe.is_open());
    });
}

#[test]
fn who_fails_most_of_the_time_is_left_alone() {
    story(async |stripe, clock| {
        for _ in 0..100 {
            clock.advance(Duration::from_millis(200));
            if fails(&stripe).await.left_alone().is_none() {
                fails(&stripe).await;
                let _perhaps = answers(&stripe).await;
            }
        }
        assert!(stripe.is_open());
    });
}

#[test]
fn a_refusal_of_the_business_is_an_answer() {
    story(async |stripe, _| {
        for _ in 0..10 {
            let declined = async {
                Err::<(), _>(Error::from(Refusal::new(kernel::reasons::INVALID, "The card was declined.")))
            };
            assert!(stripe.call(LIMIT, declined).await.unwrap_err().refusal().is_some());
            let ours = async { Err::<(), _>(Fault::broken_rule("a price below zero")) };
            assert!(!stripe.call(LIMIT, ours).await.unwrap_err().passing);
        }
        assert!(!stripe.is_open());
    });
}

#[test]
fn no_answer_within_the_limit_is_a_failure() {
    story(async |stripe, _| {
        for _ in 0..SETTINGS.failures {
            let silence = std::future::pending::<Result<(), Fault>>();
            let fault = stripe.call(Duration::from_millis(10), silence).await.unwrap_err();
            assert!(fault.passing && fault.cause.as_ref().unwrap().is::<TookTooLong>());
            assert_eq!(fault.chain(), "asking Stripe: there was no answer within 0.01 s");
        }
        assert!(stripe.is_open());
    });
}

#[test]
fn after_the_pause_one_call_finds_out_that_it_is_back() {
    story(async |stripe, clock| {
        opens(&stripe).await;
        clock.advance(Duration::from_millis(1_001));
        let trial = stripe.enter().unwrap();
        assert!(answers(&stripe).await.unwrap_err().left_alone().is_some(), "one at a time");
        trial.succeeded();
        assert!(!stripe.is_open());
        assert!(answers(&stripe).await.is_ok());
    });
}

#[test]
fn a_trial_that_is_given_up_leaves_room_for_another() {
    story(async |stripe, clock| {
        opens(&stripe).await;
        clock.advance(Duration::from_millis(1_001));
        drop(stripe.enter().unwrap());
        assert!(stripe.is_open());
        assert!(answers(&stripe).await.is_ok());
        assert!(!stripe.is_open());
    });
}

#[test]
fn pauses_grow_while_it_is_away_and_are_short_again_once_it_was_back() {
    story(async |stripe, clock| {
        opens(&stripe).await;
        clock.advance(Duration::from_millis(1_001));
        assert_eq!(fails(&stripe).await.left_alone(), None, "the trial is made");
        clock.advance(Duration::from_millis(999));
        assert!(fails(&stripe).await.left_alone().is_some(), "the second pause is at least a second");
        for _ in 0..10 {
            clock.advance(Duration::from_millis(4_001));
            assert_eq!(fails(&stripe).await.left_alone(), None, "no pause is longer than the longest");
        }
        clock.advance(Duration::from_millis(4_001));
        assert!(answers(&stripe).await.is_ok());
        opens(&stripe).await;
        clock.advance(Duration::from_millis(1_001));
        assert!(answers(&stripe).await.is_ok());
    });
}

#[test]
fn its_state_is_a_metric() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let read = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        told(Breaker::new("Stripe", SETTINGS), async |stripe, clock| {
            assert!(read.render().contains(r#"breaker_state{name="Stripe"} 0"#));
            opens(&stripe).await;
            assert!(answers(&stripe).await.is_err());
            let shown = read.render();
            assert!(shown.contains(r#"breaker_state{name="Stripe"} 2"#), "{shown}");
            assert!(shown.contains(r#"breaker_failures_total{name="Stripe"} 3"#), "{shown}");
            assert!(shown.contains(r#"breaker_refusals_total{name="Stripe"} 1"#), "{shown}");
            assert!(shown.contains(r#"outgoing_seconds_count{name="Stripe"} 3"#), "{shown}");
            clock.advance(Duration::from_millis(1_001));
            let trial = stripe.enter().unwrap();
            assert!(read.render().contains(r#"breaker_state{name="Stripe"} 1"#));
            trial.succeeded();
            assert!(read.render().contains(r#"breaker_state{name="Stripe"} 0"#));
        });
    });
}

#[test]
fn settings_that_make_no_sense_name_their_field() {
    assert!(Settings::default().check().is_ok());
    let wrong = |settings: Settings| settings.check().unwrap_err().0;
    assert_eq!(wrong(Settings { failures: 0, ..SETTINGS }), "failures");
    assert_eq!(wrong(Settings { pause_millis: 0, ..SETTINGS }), "pause_millis");
    assert_eq!(wrong(Settings { longest_pause_millis: 999, ..SETTINGS }), "longest_pause_millis");
}
