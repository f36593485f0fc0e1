//! The books of an organization over REST, as JSON and as a table.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::users::Role;
use kernel::{Clock, OrderId, OrganizationId, SystemClock, UserId, rfc3339};
use serde_json::json;

use crate::{organizer::Organizer, stage::Stage};

/// Where it is; as a table by `statement.csv`.
fn path(form: &str, organization: OrganizationId, (from, until): (DateTime<Utc>, DateTime<Utc>)) -> String {
    let organization = organization.public();
    format!("/v1/organizations/{organization}/{form}?from={}&until={}", rfc3339(from), rfc3339(until))
}

#[tokio::test]
async fn a_manager_reads_what_was_booked_in_a_month() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    let order = OrderId::new();
    stage.ask(&organizer.sale(order)).await;
    organizer.comes_to(&stage, "53.00", "0.00").await;
    let month = (SystemClock.now() - TimeDelta::days(30), SystemClock.now() + TimeDelta::hours(1));
    let (status, statement) =
        stage.get(Some(organizer.owner), &path("statement", organizer.organization, month)).await;
    assert_eq!(status, 200, "{statement}");
    assert_eq!(statement["organizationId"], json!(organizer.organization.public()));
    assert_eq!(
        (&statement["from"], &statement["until"]),
        (&json!(rfc3339(month.0)), &json!(rfc3339(month.1)))
    );
    let postings = statement["postings"].as_array().unwrap();
    assert!(postings.iter().all(|line| line["id"].as_str().unwrap().starts_with("led_")));
    let mut lines: Vec<_> = postings
        .iter()
        .map(|line| {
            assert_eq!(line["orderId"], json!(order.public()));
            assert_eq!(line["eventId"], json!(organizer.event.public()));
            assert_eq!(
                (&line["event"], &line["amount"]["currency"]),
                (&json!("=The Odyssey"), &json!("EUR"))
            );
            format!("{} {}", line["kind"].as_str().unwrap(), line["amount"]["amount"].as_str().unwrap())
        })
        .collect();
    lines.sort();
    assert_eq!(lines, ["FEE -6.50", "SALE 50.00", "TAX 9.50"]);
}

#[tokio::test]
async fn a_manager_takes_the_books_of_a_month_as_a_table() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    let order = OrderId::new();
    stage.ask(&organizer.sale(order)).await;
    organizer.comes_to(&stage, "53.00", "0.00").await;
    let (ago, soon) = (SystemClock.now() - TimeDelta::days(30), SystemClock.now() + TimeDelta::hours(1));
    let table_of = |time| path("statement.csv", organizer.organization, time);
    let this = table_of((ago, soon));
    let table = stage.file(organizer.owner, &this).await;
    let name = format!("attachment; filename=\"statement-{}.csv\"", organizer.organization);
    assert_eq!(table.headers()["content-type"], "text/csv; charset=utf-8; header=present");
    assert_eq!(table.headers()["content-disposition"], name);
    // As it is sent: reading it as text would take the mark away.
    let table = String::from_utf8(table.bytes().await.unwrap().to_vec()).unwrap();
    let mut rows = table.strip_prefix('\u{feff}').unwrap().split_terminator("\r\n");
    assert_eq!(rows.next(), Some("id,at,kind,amount,currency,orderId,eventId,event"));
    let (order, event) = (order.public(), organizer.event.public());
    let mut rows: Vec<_> = rows.map(|row| row.splitn(3, ',').nth(2).unwrap().to_owned()).collect();
    rows.sort();
    let row = |begin: &str| format!("{begin},EUR,{order},{event},'=The Odyssey");
    assert_eq!(rows, ["FEE,-6.50", "SALE,50.00", "TAX,9.50"].map(row));
    // Of another currency, and of another time, there is nothing.
    for other in [this.clone() + "&currency=JPY", table_of((ago, ago + TimeDelta::hours(1)))] {
        let table = stage.file(organizer.owner, &other).await.text().await.unwrap();
        assert_eq!(table.lines().count(), 1, "{table}");
    }
}

#[tokio::test]
async fn nobody_else_takes_it_and_what_is_too_much_or_no_time_is_refused_naming_the_field() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    let (from, until) = (SystemClock.now() - TimeDelta::days(366), SystemClock.now());
    let scanner = UserId::new();
    organizer.joined(&stage, scanner, Role::Scanner).await;
    for form in ["statement", "statement.csv"] {
        let of = |time| path(form, organizer.organization, time);
        let good = of((from, until));
        let (nobody, scanner) = futures::join!(stage.get(None, &good), stage.get(Some(scanner), &good));
        assert_eq!((nobody.0, &nobody.1["code"]), (401, &json!("UNAUTHENTICATED")));
        assert_eq!((scanner.0, &scanner.1["code"]), (403, &json!("FORBIDDEN")));
        assert_eq!(stage.file(organizer.owner, &good).await.status(), 200);
        let begin = format!("/v1/organizations/{}/{form}", organizer.organization);
        for (bad, field) in [
            (of((until, from)), "until"),
            (of((from - TimeDelta::days(1), until)), "until"),
            (good.clone() + "&currency=EURO", "currency"),
            (good.clone() + "&until=tomorrow", "until"),
            (good.clone() + "&page=2", "page"),
            (format!("{begin}?until={}", rfc3339(until)), "from"),
            (good.replace("org_", "ord_"), "organizationId"),
        ] {
            let (status, problem) = stage.get(Some(organizer.owner), &bad).await;
            assert_eq!((status, &problem["field"]), (400, &json!(field)), "{bad}: {problem}");
        }
    }
}
