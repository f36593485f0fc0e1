use e2e::{Behind, Gateway, eventually, once};
use reqwest::{Client, StatusCode};
use testbed::Port;

use crate::upstream::Upstream;

#[tokio::test]
async fn a_replica_that_refuses_connections_costs_nobody_anything() {
    let gone = Port::take();
    let there = Upstream::friendly().await;
    let behind =
        Behind::default().with("tickets", [format!("http://{}", gone.address()), there.url().to_owned()]);
    let gateway = Gateway::before(behind).await;
    let client = Client::new();
    for (number, url) in [gateway.url() + "/api/tickets/v1/orders", gateway.inner_url("tickets") + "/graphql"]
        .iter()
        .cycle()
        .take(20)
        .enumerate()
    {
        let answer = client.post(url).body(format!("{{\"number\":{number:02}}}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let asked = there.asked();
    assert_eq!(asked.len(), 20, "each once");
    assert!(asked.iter().all(|asked| asked.body == 13), "with its body: {asked:?}");
}

#[tokio::test]
async fn what_a_service_has_taken_is_never_sent_again() {
    let broken = Upstream::hanging_up().await;
    let spare = Upstream::friendly().await;
    // Whichever is first: of two requests in turn one meets the broken one.
    let behind = Behind::default().with("payments", [broken.url(), spare.url()]);
    let gateway = Gateway::before(behind).await;
    let client = Client::new();
    let mut statuses = Vec::new();
    for url in [gateway.url() + "/api/payments/v1/stripe/webhook", gateway.inner_url("payments") + "/graphql"]
    {
        for _ in 0..2 {
            let request = client.post(&url).header("idempotency-key", "1").body("{}").send();
            statuses.push(request.await.unwrap().status().as_u16());
        }
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 502, 502]);
    assert_eq!((broken.asked().len(), spare.asked().len()), (2, 2), "four requests, each sent once");
}

#[tokio::test]
async fn a_service_that_never_answers_is_left_alone_for_a_while() {
    let broken = Upstream::hanging_up().await;
    let neighbour = Upstream::friendly().await;
    let behind = Behind::default().with("analytics", [broken.url()]).with("events", [neighbour.url()]);
    let gateway = Gateway::before(behind).await;
    let client = Client::new();
    let ask = async |service: &str| {
        let answer = client.get(format!("{}/api/{service}/v1/things", gateway.url())).send().await.unwrap();
        answer.status()
    };
    let at_the_time = eventually("the circuit opens", async || {
        let before = broken.asked().len();
        (ask("analytics").await == StatusCode::SERVICE_UNAVAILABLE).then_some(before)
    })
    .await;
    assert_eq!(broken.asked().len(), at_the_time, "the refusal came from the gateway");
    assert_eq!(ask("events").await, StatusCode::OK, "its neighbour is not concerned");
}

#[tokio::test]
async fn one_answer_of_500_closes_nothing() {
    let unlucky = Upstream::answering(|asked| {
        let status = if asked.uri.path().ends_with("unlucky") {
            StatusCode::INTERNAL_SERVER_ERROR
        } else {
            StatusCode::OK
        };
        crate::upstream::json(status, "{}")
    })
    .await;
    let gateway = Gateway::before(Behind::default().with("events", [unlucky.url()])).await;
    let ask = async |what: &str| {
        reqwest::get(format!("{}/api/events/v1/{what}", gateway.url())).await.unwrap().status()
    };
    for _ in 0..20 {
        assert_eq!(ask("unlucky").await, StatusCode::INTERNAL_SERVER_ERROR);
    }
    assert_eq!(ask("lucky").await, StatusCode::OK);
}

#[tokio::test]
async fn a_replica_that_is_unwell_gets_nothing_until_it_is_well_again() {
    let well = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let is_well = well.clone();
    let ailing = Upstream::answering(move |asked| {
        let fine = is_well.load(std::sync::atomic::Ordering::SeqCst) || asked.uri.path() != "/readyz/self";
        crate::upstream::json(if fine { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, "{}")
    })
    .await;
    let other = Upstream::friendly().await;
    let behind = Behind::default().with("router", [ailing.url(), other.url()]).watched();
    let gateway = Gateway::before(behind).await;
    let client = Client::new();
    let requests =
        |upstream: &Upstream| upstream.asked().iter().filter(|asked| asked.uri.path() == "/graphql").count();
    let ask_four_times = async || {
        let before = requests(&ailing);
        for _ in 0..4 {
            let answer = client.post(format!("{}/graphql", gateway.url())).body("{}").send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
        }
        requests(&ailing) - before
    };
    assert_eq!(ask_four_times().await, 2);
    well.store(false, std::sync::atomic::Ordering::SeqCst);
    once("it gets nothing", async || ask_four_times().await == 0).await;
    well.store(true, std::sync::atomic::Ordering::SeqCst);
    once("it gets its share", async || ask_four_times().await == 2).await;
}

#[tokio::test]
async fn without_any_replica_the_answer_is_503() {
    let gateway = Gateway::before(Behind::default()).await;
    for path in ["/graphql", "/api/tickets/v1/keys", "/api/payments/v1/stripe/webhook"] {
        let answer = Client::new().post(gateway.url() + path).body("{}").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
}
