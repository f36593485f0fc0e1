use e2e::{Address, Behind, Gateway, Person, Sandbox, hall, within};
use odysseus::{Embedded, Options};
use reqwest::Client;
use serde_json::{Value, json};

/// The whole platform, with a gateway before it that Stripe's webhooks take too.
struct Fronted {
    platform: Embedded,
    gateway: Gateway,
    _folder: tempfile::TempDir,
}

async fn platform() -> Fronted {
    // Who runs the platform brings the process's own cryptography; here that is the test.
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    let platform = Embedded::start(Options::bare(folder.path())).await.unwrap();
    let mut behind = Behind::default().with("router", [platform.url()]).watched();
    for hosted in platform.services() {
        behind = behind.with(hosted.subgraph.name(), [hosted.url.as_str()]);
    }
    let gateway = Gateway::before(behind).await;
    let secret = std::fs::read_to_string(folder.path().join("webhook-secret")).unwrap();
    let endpoint = json!({
        "url": format!("{}/api/payments/v1/stripe/webhook", gateway.url()), "secret": secret.trim(),
    });
    let set =
        Client::new().put(format!("{}/sandbox/webhook-endpoint", platform.url())).json(&endpoint).send();
    assert!(set.await.unwrap().status().is_success());
    Fronted { platform, gateway, _folder: folder }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_through_the_gateway() {
    let Fronted { platform, gateway, _folder } = platform().await;
    let address = Address::at(&gateway.url());
    let organizer = Person::registers(&address, "Olga").await.unwrap();
    let organization = organizer.creates_organization("Olga's Evenings").await.unwrap();
    let venue = organizer.creates_venue(id(&organization), "Konzerthaus").await.unwrap();
    let layout = organizer.creates_layout(id(&venue), hall()).await.unwrap();
    let event = organizer
        .creates_event(id(&organization), id(&venue), id(&layout), "The Trout Quintet")
        .await
        .unwrap();
    let event = id(&event).to_owned();
    organizer.creates_ticket_type(&event, "Seat", &["STALLS"], "49.50").await.unwrap();
    organizer.publishes(&event).await.unwrap();

    let buyer = Person::registers(&address, "Bea").await.unwrap();
    let seats = buyer.sees_free_seats(&event, 18).await.unwrap();
    // Over WebSocket, all the way through.
    let mut live = buyer.watches_seat_map(&event).await;
    live.next().await.unwrap();
    let reservation = buyer.holds(&event, &seats[..2]).await.unwrap();
    live.until("the seats become grey", |delta| {
        delta["changes"].as_array().unwrap().iter().any(|change| change["seatId"] == seats[0].as_str())
    })
    .await;
    let order = buyer.checks_out(id(&reservation)).await.unwrap();
    // As server-sent events.
    let mut news = buyer.follows_order_as_events(id(&order)).await;
    buyer.pays(id(&order), "pm_card_visa").await.unwrap();
    let order = news.until("the order completes", |order| order["status"] == "COMPLETED").await;

    let webhooks: Vec<_> = gateway.access_log();
    let webhooks = webhooks.iter().filter(|line| line["RequestPath"] == "/api/payments/v1/stripe/webhook");
    let statuses: Vec<_> = webhooks.map(|line| line["DownstreamStatus"].clone()).collect();
    assert!(!statuses.is_empty() && statuses.iter().all(|status| status == 200), "{statuses:?}");

    let keys = within("keys", reqwest::get(gateway.url() + "/api/tickets/v1/keys")).await.unwrap();
    assert!(keys.json::<Value>().await.unwrap()["keys"][0]["x"].is_string());
    // The address that the order shows names the platform as it knows itself; the path is what counts.
    let pdf = order["tickets"][0]["pdfUrl"].as_str().unwrap().replacen(platform.url(), "", 1);
    let pdf = buyer.fetches(&pdf).await.unwrap().bytes().await.unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    let mail = Sandbox::at(Address::at(platform.url())).mail(&buyer.email, "The Trout Quintet").await;
    assert!(mail.subject().contains("The Trout Quintet"));
    drop((live, news));
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subgraphs_answer_inside_and_not_outside() {
    let Fronted { platform, gateway, _folder } = platform().await;
    let client = Client::new();
    let sdl = json!({ "query": "{ _service { sdl } }" });
    for service in e2e::SERVICES {
        let inside = client.post(gateway.inner_url(service) + "/graphql").json(&sdl).send().await.unwrap();
        assert_eq!(inside.status(), 200, "{service}");
        for path in [
            format!("/api/{service}/graphql"),
            format!("/api/{service}/ws"),
            format!("/api/{service}/metrics"),
        ] {
            let outside = client.post(gateway.url() + &path).json(&sdl).send().await.unwrap();
            assert_eq!(outside.status(), 404, "{path}");
        }
    }
    // The router does not know that field.
    let outside = client.post(gateway.url() + "/graphql").json(&sdl).send().await.unwrap();
    let answer: Value = outside.json().await.unwrap();
    assert!(answer["data"]["_service"].is_null() && answer["errors"].is_array(), "{answer}");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_refusals_pass_unchanged() {
    let Fronted { platform, gateway, _folder } = platform().await;
    let client = Client::new();
    let front = client.get(gateway.url()).send().await.unwrap();
    assert_eq!(front.status(), 200);
    assert!(front.text().await.unwrap().contains("Odysseus"));
    assert!(
        client.get(gateway.url() + "/graphiql").send().await.unwrap().text().await.unwrap().contains("<html")
    );
    let large = client.post(gateway.url() + "/graphql").header("content-type", "application/json");
    let large = large.body(vec![b' '; 5 * 1024 * 1024]).send().await.unwrap();
    assert_eq!(large.status(), 413);
    let forged = client
        .post(gateway.url() + "/api/payments/v1/stripe/webhook")
        .header("stripe-signature", "t=1,v1=00");
    assert_eq!(forged.body("{}").send().await.unwrap().status(), 400);
    platform.stop().await;
}

fn id(made: &Value) -> &str {
    made["id"].as_str().unwrap()
}
