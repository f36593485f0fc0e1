use e2e::{Fate, Shape};
use serde_json::json;

use crate::{
    Stage,
    stage::{AT_ONCE, BUYERS},
};

/// The mail server refuses everything as long as people buy: the sale does not mind, and afterwards every
/// mail arrives, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_of_a_sale_without_a_mail_server_arrive_afterwards_once() {
    let mut stage = Stage::set(Shape::default()).await;
    let crowd = stage.crowd(BUYERS).await;
    let sandbox = stage.platform.sandbox();
    sandbox.switch(json!({ "smtpRefuse": "always" })).await;
    let purchases = crowd.buys(stage.seed, AT_ONCE).await;
    let bought = purchases.iter().filter(|one| matches!(one.fate, Fate::Pays | Fate::PaysAtLast));
    for purchase in bought {
        let order = purchase.order.as_ref().unwrap()["id"].as_str().unwrap();
        purchase.buyer.waits_for(order, &["COMPLETED"]).await;
        assert!(sandbox.mails(&purchase.buyer.email).await.is_empty());
    }
    // The one who was to send them is gone, too.
    stage.platform.kill("notifications").await;
    stage.sandbox_is_well().await;
    stage.platform.start_these(&["notifications"]).await;
    stage.is_right(&purchases).await;
}
