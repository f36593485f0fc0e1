use std::{fs, net::TcpListener};

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Clock as _, SystemClock};

use super::command::{Running, odysseus, output, stderr, stdout};

const COMMANDS: [&str; 13] = [
    "run",
    "serve",
    "router",
    "sandbox",
    "healthcheck",
    "migrate",
    "dead-letters",
    "republish",
    "stripe",
    "reindex",
    "schema",
    "demo",
    "doctor",
];

#[test]
fn help_names_every_command_and_gives_examples() {
    let help = stdout(&output(&["--help"]));
    for word in COMMANDS.iter().chain(&["odysseus run --data"]) {
        assert!(help.contains(word), "{word}: {help}");
    }
    for command in COMMANDS {
        let help = output(&[command, "--help"]);
        assert!(help.status.success() && stdout(&help).len() > 200, "{command}");
    }
}

#[test]
fn the_schemas_that_are_printed_are_those_that_are_checked_in() {
    for name in ["users", "events", "tickets", "payments", "notifications", "analytics"] {
        let printed = output(&["schema", name]);
        let file = format!("{}/../subgraphs/{name}/schema.graphql", env!("CARGO_MANIFEST_DIR"));
        let checked_in = fs::read_to_string(file).unwrap();
        assert_eq!(stdout(&printed).trim(), checked_in.trim(), "{name}: run `make supergraph`");
    }
}

#[test]
fn migrations_go_up_and_down_and_up_again() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().to_str().unwrap();
    let migrate = |words: &[&str]| {
        let done = output(&[&["migrate", "--data", data], words].concat());
        assert!(done.status.success(), "{words:?}: {}", stderr(&done));
        stdout(&done)
    };
    assert!(!migrate(&["all", "status"]).contains("applied"));
    assert!(!migrate(&["all", "up"]).contains("pending"));
    assert!(migrate(&["tickets", "down", "--yes"]).contains("pending"));
    assert!(!migrate(&["tickets", "up"]).contains("pending"));
    let refused = output(&["migrate", "all", "down", "--data", data]);
    assert!(!refused.status.success() && stderr(&refused).contains("--yes"));
}

#[test]
fn a_mistyped_setting_stops_the_start_and_is_named() {
    let place = tempfile::tempdir().unwrap();
    for (name, value) in [("TICKETS__DATABSE_URL", "sqlite:x"), ("ODYSSEUS__LOG__FORMAT", "xml")] {
        let mut run = odysseus(&["run", "--no-demo", "--port", "0", "--data"]);
        let started = run.arg(place.path()).env(name, value).output().unwrap();
        assert!(!started.status.success());
        assert!(stderr(&started).contains(name), "{}", stderr(&started));
    }
}

#[test]
fn doctor_says_what_is_wrong_and_how_to_mend_it() {
    let place = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let number = port.local_addr().unwrap().port().to_string();
    let file = place.path().join("a-file");
    fs::write(&file, "").unwrap();
    let checked = odysseus(&["doctor", "--port", &number, "--data"])
        .arg(file.join("below"))
        .env("USERS__DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
        .env("EVENTS__DATABASE_CONNECTIONS", "many")
        .output()
        .unwrap();
    let said = stdout(&checked);
    assert!(!checked.status.success(), "{said}");
    for expected in [
        format!("port {number}"),
        "--port".to_owned(),
        "data folder".to_owned(),
        "USERS__DATABASE_URL".to_owned(),
    ] {
        assert!(said.contains(&expected), "{expected}: {said}");
    }
    assert!(said.contains("EVENTS__DATABASE_CONNECTIONS"), "{said}");
}

#[test]
fn doctor_changes_nothing() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let checked = output(&["doctor", "--port", "0", "--data", data.to_str().unwrap()]);
    assert!(stdout(&checked).contains("can be made"), "{}", stdout(&checked));
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn a_router_alone_says_which_service_it_was_not_told_about() {
    let started =
        odysseus(&["router"]).env("ROUTER__SUBGRAPHS__USERS", "http://127.0.0.1:1").output().unwrap();
    assert!(!started.status.success());
    assert!(stderr(&started).contains("ROUTER__SUBGRAPHS__EVENTS"), "{}", stderr(&started));
}

#[test]
fn a_health_check_tells_by_its_end_whether_somebody_is_ready() {
    let place = tempfile::tempdir().unwrap();
    let mut command = odysseus(&["sandbox"]);
    command.env("SANDBOX__HTTP", "0.0.0.0:0").env("SANDBOX__SMTP", "127.0.0.1:0");
    let sandbox = Running::spawn(command.env("SANDBOX__DATA", place.path()));
    assert!(sandbox.welcome.contains("smtp://127.0.0.1:"), "{}", sandbox.welcome);
    let (_, port) = sandbox.url.rsplit_once(':').unwrap();
    let page = format!("http://127.0.0.1:{port}/sandbox");
    assert!(output(&["healthcheck", "--url", &page]).status.success());
    let nothing = output(&["healthcheck", "--url", &format!("{page}/no-such-page")]);
    assert_eq!(nothing.status.code(), Some(1), "{}", stderr(&nothing));
    // Asked where this environment says that somebody listens; the sandbox has no such page.
    let listen = format!("0.0.0.0:{port}");
    let asked = odysseus(&["healthcheck"]).env("ODYSSEUS__LISTEN", listen).output().unwrap();
    assert!(stderr(&asked).contains("/readyz answers 404"), "{}", stderr(&asked));
    assert!(sandbox.terminate().success());
    let gone = output(&["healthcheck", "--url", &page]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(stderr(&gone).contains("does not answer"), "{}", stderr(&gone));
}

#[tokio::test]
async fn what_stripe_told_in_vain_is_caught_up_with_by_a_command() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().to_str().unwrap();
    let mut command = odysseus(&["sandbox"]);
    command.env("SANDBOX__HTTP", "127.0.0.1:0").env("SANDBOX__SMTP", "127.0.0.1:0");
    let sandbox = Running::spawn(&mut command);
    let catch_up = |since: &str| {
        let mut command = odysseus(&["stripe", "--data", data, "catch-up", "--since", since]);
        let settings = [
            ("PAYMENTS__STRIPE_URL", sandbox.url.as_str()),
            ("PAYMENTS__STRIPE_SECRET_KEY", "sk_test_1"),
            ("PAYMENTS__STRIPE_WEBHOOK_SECRET", "whsec_1"),
        ];
        command.envs(settings).output().unwrap()
    };
    let refused = |since: DateTime<Utc>, why: &str| {
        let refused = catch_up(&since.to_rfc3339());
        assert!(!refused.status.success() && stderr(&refused).contains(why), "{}", stderr(&refused));
    };
    let ago = |days| SystemClock.now() - TimeDelta::days(days);
    refused(ago(1), "no database");
    assert!(output(&["migrate", "payments", "up", "--data", data]).status.success());
    refused(ago(31), "30 days");
    refused(ago(-1), "future");
    let said = |since: DateTime<Utc>| {
        let done = catch_up(&since.to_rfc3339());
        assert!(done.status.success(), "{}", stderr(&done));
        stdout(&done)
    };
    assert!(said(ago(1)).contains("nothing happened"));
    let paid = reqwest::Client::new()
        .post(format!("{}/v1/payment_intents", sandbox.url))
        .bearer_auth("sk_test_1")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(
            "amount=4200&currency=eur&confirm=true&payment_method=pm_card_visa\
             &automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never",
        );
    assert!(paid.send().await.unwrap().status().is_success());
    // No order here is paid by it.
    let first = said(ago(1));
    assert!(first.starts_with("1 read: 0 new, 0 known, 1 put aside, 0 failed, from 2"), "{first}");
    let second = said(ago(29));
    assert!(second.starts_with("1 read: 0 new, 1 known, 0 put aside, 0 failed"), "{second}");
}

#[test]
fn a_sandbox_that_knows_half_of_its_webhook_says_so() {
    let started = odysseus(&["sandbox"]).env("SANDBOX__WEBHOOK_URL", "http://127.0.0.1:1").output().unwrap();
    assert!(!started.status.success());
    assert!(stderr(&started).contains("SANDBOX__WEBHOOK_SECRET"), "{}", stderr(&started));
}
