use tokio::process::Command;

use crate::support::Platform;

/// Their clients and audits are programs for Node, which `npm ci` fetches.
#[tokio::test]
#[ignore = "needs `npm ci` in tools/audits"]
async fn public_audits_and_other_peoples_clients_are_content() {
    let platform = Platform::start().await;
    let mut audits = Command::new("node");
    let output =
        audits.args(["../tools/audits/audits.mjs", &platform.router.url]).kill_on_drop(true).output();
    let output = output.await.expect("node is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.matches("ok ").count() > 60, "{said}");
}
