use std::{
    collections::BTreeMap,
    net::TcpListener,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use super::{
    command::{Running, odysseus, output, stderr, stdout},
    store::{count, open},
};

/// What somebody has bought, and how much of it went back.
const BOUGHT: &str = "{ me { orders(first: 100) { nodes { status payment { refunded { amount } } } } } }";

/// What the programme of the demonstration has, as everybody sees it.
const PROGRAMME: &str = "{ events(first: 1) { totalCount } }";

#[tokio::test]
async fn a_start_tells_where_everything_is_and_a_signal_ends_it() {
    let place = tempfile::tempdir().unwrap();
    let running = Running::start(place.path(), &["--no-demo"]);
    for path in ["/graphiql", "/graphql", "/sandbox", "/readyz"] {
        assert!(running.welcome.contains(path), "{}", running.welcome);
    }
    let data = place.path().canonicalize().unwrap();
    assert!(running.welcome.contains(data.to_str().unwrap()), "{}", running.welcome);
    for path in ["/", "/healthz", "/readyz", "/sandbox"] {
        assert_eq!(running.page(path).await.0, 200, "{path}");
    }
    assert_eq!(running.graph(PROGRAMME).await["events"]["totalCount"], 0);
    let second = output(&["run", "--port", "0", "--no-demo", "--data", data.to_str().unwrap()]);
    assert!(!second.status.success());
    assert!(stderr(&second).contains("another odysseus"), "{}", stderr(&second));
    assert!(running.terminate().success());
}

#[tokio::test]
async fn services_are_not_reachable_through_the_router() {
    let place = tempfile::tempdir().unwrap();
    let running = Running::start(place.path(), &["--no-demo"]);
    for path in ["/v1/payment_intents", "/.well-known/jwks.json"] {
        assert_eq!(running.page(path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn the_demonstration_is_loaded_once() {
    let place = tempfile::tempdir().unwrap();
    let running = Running::start(place.path(), &[]);
    assert!(running.welcome.contains("buyer@odysseus.test") && running.welcome.contains("odysseus-demo"));
    let loaded = running.graph(PROGRAMME).await["events"]["totalCount"].as_i64().unwrap();
    assert!((55..=65).contains(&loaded), "{loaded}");
    let shown = running.graph("{ events(first: 100) { nodes { image { url(width: 300) } } } }").await;
    let events = shown["events"]["nodes"].as_array().unwrap().iter();
    let pictures: Vec<_> = events.map(|event| &event["image"]).filter(|image| !image.is_null()).collect();
    assert_eq!(pictures.len(), 10, "the best-known events have a picture");
    for picture in pictures {
        let answer = reqwest::get(picture["url"].as_str().unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200, "{picture}");
        assert_eq!(answer.headers()["content-type"], "image/jpeg");
    }
    running.kill();
    let again = Running::start(place.path(), &[]);
    let bought = again.graph_as("regular@odysseus.test", BOUGHT).await;
    let mut by_status = BTreeMap::new();
    for order in bought["me"]["orders"]["nodes"].as_array().unwrap() {
        let refunded = &order["payment"]["refunded"]["amount"];
        *by_status.entry(format!("{} {refunded}", order["status"].as_str().unwrap())).or_insert(0) += 1;
    }
    let expected =
        [("COMPLETED \"0.00\"", 6), ("PARTIALLY_REFUNDED \"70.00\"", 1), ("REFUNDED \"92.00\"", 3)];
    assert_eq!(by_status, expected.map(|(status, orders)| (status.to_owned(), orders)).into());
    assert_eq!(again.graph(PROGRAMME).await["events"]["totalCount"], loaded);
}

#[tokio::test]
async fn a_load_that_is_killed_begins_anew_and_is_complete_in_the_end() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().to_str().unwrap();
    let marker = place.path().join("demo");
    let unfinished = || std::fs::read_to_string(&marker).is_ok_and(|marker| marker == "loading\n");
    for life in [30, 300, 900, 1_800] {
        let mut child =
            odysseus(&["demo", "--data", data]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let patience = Instant::now() + Duration::from_mins(1);
        while !marker.exists() && Instant::now() < patience {
            thread::sleep(Duration::from_millis(5));
        }
        // So long it lives, to be killed in the midst of its load; a quick machine may be done before.
        thread::sleep(Duration::from_millis(life));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(unfinished() || life > 30, "the first is killed at its beginning");
    }
    if unfinished() {
        let finished = output(&["demo", "--data", data]);
        assert!(finished.status.success(), "{}", stderr(&finished));
        assert!(stdout(&finished).contains("organizer@odysseus.test"));
    }
    let refused = output(&["demo", "--data", data]);
    assert!(!refused.status.success() && stderr(&refused).contains("not empty"), "{}", stderr(&refused));
    let running = Running::start(place.path(), &[]);
    let shown = running
        .graph("{ events(first: 100) { totalCount nodes { title availability { total available } } } }")
        .await;
    let events = shown["events"]["nodes"].as_array().unwrap();
    let mut titles: Vec<&str> = events.iter().map(|event| event["title"].as_str().unwrap()).collect();
    let count = titles.len();
    titles.sort_unstable();
    titles.dedup();
    assert_eq!(titles.len(), count, "nothing is there twice");
    assert!((55..=65).contains(&count), "{count}");
}

#[tokio::test]
async fn services_and_router_answer_together_as_processes_of_their_own() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().to_str().unwrap();
    let nats = testbed::Nats::start().await;
    assert!(output(&["migrate", "all", "up", "--data", data]).status.success());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let keys = format!("http://127.0.0.1:{port}/.well-known/jwks.json");
    let mut router = odysseus(&["router"]);
    router.env("ROUTER__LISTEN", "127.0.0.1:0").env("ROUTER__DATA_DIR", place.path().join("router"));
    let mut services = Vec::new();
    for name in ["users", "events", "tickets", "payments", "notifications", "analytics"] {
        let setting = |setting: &str| format!("{}__{setting}", name.to_uppercase());
        let listen = format!("127.0.0.1:{}", if name == "users" { port } else { 0 });
        let mut serve = odysseus(&["serve", name, "--listen", &listen]);
        serve
            .env(setting("DATABASE_URL"), format!("sqlite://{data}/{name}.sqlite"))
            .env("ODYSSEUS__JWKS_URL", &keys)
            .env("ODYSSEUS__NATS__SERVERS", nats.url());
        if name == "payments" {
            serve
                .env(setting("STRIPE_SECRET_KEY"), "sk_test_x")
                .env(setting("STRIPE_WEBHOOK_SECRET"), "whsec_x");
        }
        let running = Running::spawn(&mut serve);
        router.env(format!("ROUTER__SUBGRAPHS__{}", name.to_uppercase()), &running.url);
        services.push(running);
    }
    let router = Running::spawn(&mut router);
    assert_eq!(router.graph(PROGRAMME).await["events"]["totalCount"], 0);
    let registered = router
        .graph("mutation { register(input: { email: \"ada@example.test\", password: \"a long password\", name: \"Ada\" }) { user { name } } }")
        .await;
    assert_eq!(registered["register"]["user"]["name"], "Ada");
    // Notifications hears of the account over NATS, and that its address is to be verified.
    let heard = open(&place.path().join("notifications.sqlite")).await;
    while count(&heard, "inbox").await < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Once it is marked as published, which is a little later than it is heard,
    let told = open(&place.path().join("users.sqlite")).await;
    while count(&told, "outbox WHERE sent_at IS NULL").await > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // what was published is published again, and handled once.
    let before = count(&heard, "inbox").await;
    let again = output(&["republish", "users", "--since", "1h", "--data", data]);
    assert!(again.status.success(), "{}", stderr(&again));
    assert!(stdout(&again).contains("users: 2 will be"), "{}", stdout(&again));
    assert!(stdout(&again).contains("everything is published"));
    assert_eq!(count(&heard, "inbox").await, before);
    assert!(router.terminate().success());
    for service in services {
        assert!(service.terminate().success());
    }
}

#[test]
fn a_service_alone_says_what_it_misses() {
    let place = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/tickets.sqlite?mode=rwc", place.path().display());
    let serve = |settings: &[(&str, &str)]| {
        let mut serve = odysseus(&["serve", "tickets"]);
        let said = serve.env("TICKETS__DATABASE_URL", &url).envs(settings.iter().copied()).output().unwrap();
        assert!(!said.status.success());
        stderr(&said)
    };
    let keys = ("ODYSSEUS__JWKS_URL", "http://127.0.0.1:9/keys");
    let nats = ("ODYSSEUS__NATS__SERVERS", "nats://127.0.0.1:9");
    for (settings, missing) in [
        (&[][..], "ODYSSEUS__JWKS_URL"),
        (&[keys], "ODYSSEUS__NATS__SERVERS"),
        (&[keys, nats, ("ODYSSEUS__NATS__USER", "tickets")], "ODYSSEUS__NATS__PASSWORD"),
        (&[keys, nats], "odysseus migrate tickets up"),
    ] {
        let said = serve(settings);
        assert!(said.contains(missing), "{missing}: {said}");
    }
}

#[tokio::test]
async fn people_sign_in_by_the_sandboxs_provider() {
    let place = tempfile::tempdir().unwrap();
    let running = Running::start(place.path(), &["--no-demo"]);
    let query = "mutation { beginForeignSignIn(provider: \"sandbox\") { url challenge } }";
    let begun = running.graph(query).await["beginForeignSignIn"].take();
    let asked = reqwest::Url::parse(begun["url"].as_str().unwrap()).unwrap();
    let page = reqwest::get(asked.clone()).await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("Who are you?"));

    let mut form: BTreeMap<String, String> = asked.query_pairs().into_owned().collect();
    for (name, value) in [("email", "ada@example.org"), ("name", "Ada"), ("decision", "allow")] {
        form.insert(name.to_owned(), value.to_owned());
    }
    let form = reqwest::Url::parse_with_params("http://form", form).unwrap().query().unwrap().to_owned();
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let decide = asked.join("decide").unwrap();
    let sent = browser.post(decide).body(form).send().await.unwrap();
    let back = reqwest::Url::parse(sent.headers()["location"].to_str().unwrap()).unwrap();
    let back: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
    let finish = format!(
        "mutation {{ finishForeignSignIn(input: {{ challenge: {}, state: \"{}\", code: \"{}\" }}) {{ user {{ email }} }} }}",
        begun["challenge"], back["state"], back["code"],
    );
    let signed_in = running.graph(&finish).await;
    assert_eq!(signed_in["finishForeignSignIn"]["user"]["email"], "ada@example.org");
}
