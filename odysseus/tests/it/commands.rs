use std::{fs, net::TcpListener};

use super::command::{odysseus, output, stderr, stdout};

#[test]
fn help_names_every_command_and_gives_examples() {
    let help = stdout(&output(&["--help"]));
    for word in ["run", "serve", "router", "migrate", "schema", "demo", "doctor", "odysseus run --data"] {
        assert!(help.contains(word), "{word}: {help}");
    }
    for command in ["run", "serve", "router", "migrate", "schema", "demo", "doctor"] {
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
