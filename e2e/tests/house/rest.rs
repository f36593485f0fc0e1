//! What the six OpenAPI documents have in common.

use serde_json::Value;

use crate::sources::{folder, subgraphs, text};

/// What clients' generators name their methods by; who changes one breaks their callers.
const OPERATIONS: [(&str, &[&str]); 6] = [
    ("analytics", &["getSalesReport", "getSalesReportTable"]),
    (
        "events",
        &[
            "addEventImage",
            "arrangeEventImages",
            "getEvent",
            "getEventCalendar",
            "getImage",
            "getLayoutPlan",
            "getSectionViews",
            "listEvents",
            "removeEventImage",
            "removeOneEventImage",
            "removePerformerImage",
            "removeSectionView",
            "setEventImage",
            "setPerformerImage",
            "setSectionView",
        ],
    ),
    (
        "notifications",
        &["askToStopMails", "exportNotifications", "listNotifications", "receiveBounces", "stopMails"],
    ),
    (
        "payments",
        &[
            "exportPayments",
            "getPayment",
            "getPaymentSettings",
            "getStatement",
            "getStatementTable",
            "openPayoutOnboarding",
            "receiveStripeWebhook",
        ],
    ),
    (
        "tickets",
        &[
            "createCheckIn",
            "exportTickets",
            "getInvoiceFile",
            "getOrder",
            "getSeatMap",
            "getTicketFile",
            "listTicketKeys",
        ],
    ),
    ("users", &["completeToken", "createToken", "exportAccount", "getMe", "refreshToken", "revokeToken"]),
];

fn operations(service: &str) -> Vec<Value> {
    let document: Value = serde_json::from_str(&text(&format!("subgraphs/{service}/openapi.json"))).unwrap();
    let paths = document["paths"].as_object().unwrap().values();
    paths.flat_map(|item| item.as_object().unwrap().values().cloned().collect::<Vec<_>>()).collect()
}

#[test]
fn operations_have_the_names_that_clients_know() {
    assert_eq!(subgraphs(), OPERATIONS.map(|(service, _)| service));
    for (service, known) in OPERATIONS {
        let mut names: Vec<_> = operations(service)
            .iter()
            .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
            .collect();
        names.sort_unstable();
        assert_eq!(names, known, "{service}");
    }
}

#[test]
fn whatever_comes_in_pages_leads_to_the_next_and_what_may_be_kept_has_a_tag() {
    let all: Vec<_> = OPERATIONS.iter().flat_map(|(service, _)| operations(service)).collect();
    let of = |id: &str| all.iter().find(|operation| operation["operationId"] == id).unwrap();
    let told = |id: &str, header: &str| of(id)["responses"]["200"]["headers"][header].is_object();
    for list in ["listEvents", "listNotifications"] {
        assert!(told(list, "Link"), "{list}");
    }
    for kept in ["listEvents", "getEvent", "getImage", "listTicketKeys", "getLayoutPlan", "getSeatMap"] {
        assert!(told(kept, "ETag") && of(kept)["responses"]["304"].is_object(), "{kept}");
    }
    for own in ["getMe", "getOrder", "listNotifications", "getPayment", "getSalesReport"] {
        assert!(!told(own, "ETag"), "{own}");
    }
}

#[test]
fn instants_are_written_in_the_one_form() {
    let (mut found, mut wrong) = (0, Vec::new());
    for subgraph in subgraphs() {
        for source in folder(&format!("subgraphs/{subgraph}/src/adapters/inbound/http")) {
            let path = source.path.clone();
            let (code, mut is_answer) = (source.into_code(), false);
            let lines: Vec<_> = code.lines().map(str::trim).collect();
            for (at, line) in lines.iter().enumerate() {
                if line.starts_with("#[derive(") {
                    is_answer =
                        line.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "Serialize");
                }
                if is_answer && line.ends_with(',') && line.contains(": ") && line.contains("DateTime<Utc>") {
                    found += 1;
                    let before = at.checked_sub(1).map_or("", |before| lines[before]);
                    if !before.contains("rest::instant") {
                        wrong.push(format!("{path}:{}: {line}", at + 1));
                    }
                }
            }
        }
    }
    assert!(found >= 14 && wrong.is_empty(), "{found}: {}", wrong.join("\n"));
}
