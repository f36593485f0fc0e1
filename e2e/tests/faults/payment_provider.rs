use e2e::Shape;
use rand::seq::SliceRandom as _;
use serde_json::json;

use crate::{
    Stage,
    stage::{AT_ONCE, BUYERS, tell},
};

/// Calls that work and never answer, calls that fail, webhooks that come late, twice, in another order, or
/// before the call has returned: each of them while people pay, and all of them at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_payment_provider_does_nobody_pays_twice_or_for_nothing() {
    let mut stage = Stage::set(Shape::default()).await;
    let crowd = stage.crowd(BUYERS).await;
    let mut moods = [
        json!({ "apiTimeOut": 3 }),
        json!({ "apiFail": 5 }),
        json!({ "webhookDelayMs": 1_500 }),
        json!({ "webhookDuplicates": 2, "webhookReorder": true }),
        json!({ "webhookDropFirst": true }),
        json!({ "apiLatencyMs": 700 }),
    ];
    moods.shuffle(&mut stage.random());
    let sandbox = stage.platform.sandbox();
    let stage_while_buying = &stage;
    let misbehaves = async {
        for mood in &moods {
            tell(&format!("Stripe: {mood}"));
            stage_while_buying.sandbox_is_well().await;
            sandbox.switch(mood.clone()).await;
            tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        }
        let all = json!({
            "apiTimeOut": 2, "apiFail": 2, "webhookDelayMs": 300, "webhookDuplicates": 1, "webhookReorder": true,
            "webhookDropFirst": true, "apiLatencyMs": 100,
        });
        sandbox.switch(all).await;
    };
    let (purchases, ()) = tokio::join!(crowd.buys(stage.seed, AT_ONCE), misbehaves);
    stage.sandbox_is_well().await;
    stage.is_right(&purchases).await;
}
