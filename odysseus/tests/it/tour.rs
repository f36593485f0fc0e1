use std::{
    fs::{self, File},
    process::{Command, Stdio},
    time::Duration,
};

use super::command::{Running, ended};

/// The tour's commands, in the order in which a reader pastes them.
fn commands() -> String {
    let tour = include_str!("../../../docs/tour.md");
    let blocks = tour.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    blocks.collect()
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "who runs the tests should know why this one did nothing")]
async fn the_tour_works_by_copy_and_paste() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("the tour is for people who have curl; there is none here");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let running = Running::start(&place.path().join("data"), &[]);
    let commands = commands().replace("http://127.0.0.1:4000", &running.url);
    // Into files: what the tour leaves listening when it fails would keep a pipe open.
    let (answers, complaints) = (place.path().join("answers"), place.path().join("complaints"));
    let mut tourist = Command::new("bash")
        .args(["-euc", &commands])
        .current_dir(place.path())
        .stdin(Stdio::null())
        .stdout(File::create(&answers).unwrap())
        .stderr(File::create(&complaints).unwrap())
        .spawn()
        .unwrap();
    let status = ended(&mut tourist, Duration::from_secs(90));
    let said = fs::read_to_string(answers).unwrap();
    let complained = fs::read_to_string(complaints).unwrap();
    assert!(status.success(), "{said}{complained}");
    for expected in [
        "\"title\":\"Secret Gig: Somebody You Know\",\"availability\":{\"available\":6}",
        "\"createPromoCode\":{\"code\":\"FRIENDS\",\"percentOff\":\"10\"}",
        "\"status\":\"PUBLISHED\"",
        "\"discount\":{\"amount\":\"6.00\"},\"total\":{\"amount\":\"54.00\"}",
        "SEATS_UNAVAILABLE",
        "PAYMENT_DECLINED",
        "\"pay\":{\"status\":\"SUCCEEDED\"",
        "\"status\":\"COMPLETED\"",
        "\"outcome\":\"ADMITTED\"",
        "\"outcome\":\"ALREADY_CHECKED_IN\"",
        "\"ticketsSold\":2",
        "\"refundOrder\":{\"status\":\"COMPLETED\"}",
        "\"cancellation\":{\"orders\":1,\"refunded\":1,\"amountRefunded\":{\"amount\":\"27.00\"}",
        "\"kind\":\"REFUNDED\",\"message\":\"27.00 EUR went back to you.\"",
        "SUMMARY:Songs for Three Chairs",
        "\"email\":\"buyer@odysseus.test\"",
        "\"kind\":\"ORDER_REFUNDED\"",
        "\"field\":\"first\"",
    ] {
        assert!(said.contains(expected), "{expected} is not in {said}{complained}");
    }
}
