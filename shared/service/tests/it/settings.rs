//! Settings from a real environment: this test starts itself again in one, since a process must not
//! change its own.

use std::process::Command;

use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Sample {
    database_url: String,
    log: service::telemetry::LogSettings,
}

/// Only of use when started by the test below.
#[test]
#[ignore = "started by another test, in an environment of its choice"]
fn a_service_that_reads_its_settings() {
    let settings: Sample = service::settings::load("SAMPLE").unwrap_or_else(|wrong| panic!("{wrong}"));
    panic!("read {} {:?}", settings.database_url, settings.log.format);
}

fn with(environment: &[(&str, &str)]) -> String {
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "settings::a_service_that_reads_its_settings", "--ignored", "--nocapture"])
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr)
}

#[test]
fn settings_are_read_from_the_environment_and_a_mistyped_name_names_itself() {
    let read = with(&[
        ("SAMPLE__DATABASE_URL", "sqlite:a.db"),
        ("SAMPLE__LOG__FORMAT", "json"),
        ("ANOTHER__X", "1"),
    ]);
    assert!(read.contains("read sqlite:a.db Json"), "{read}");
    let read = with(&[("SAMPLED__DATABASE_URL", "sqlite:a.db")]);
    assert!(read.contains("the setting SAMPLED__DATABASE_URL is wrong"), "{read}");
    let read = with(&[("SAMPLE__DATABASE_ULR", "sqlite:a.db")]);
    assert!(read.contains("the setting SAMPLE__DATABASE_ULR is wrong: there is no such setting"), "{read}");
}

#[test]
fn a_secret_may_lie_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("url");
    std::fs::write(&file, "sqlite:secret.db\n").unwrap();
    let read = with(&[("SAMPLE__DATABASE_URL_FILE", file.to_str().unwrap())]);
    assert!(read.contains("read sqlite:secret.db Text"), "{read}");
}
