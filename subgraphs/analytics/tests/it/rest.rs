//! The report over REST, as JSON and as a table.

use analytics::Config;
use contracts::{
    events::{EventChange, EventStatus},
    users::Role,
};
use kernel::{EventId, TicketTypeId, UserId};
use reqwest::{Client, Response, header};
use serde_json::{Value, json};
use testbed::Signer;
use tokio::net::TcpListener;

use crate::world::{EUR, Show, World, at, foundation, signer};

/// The service at an address, as a client reaches it.
struct Rest {
    url: String,
    client: Client,
    signer: Signer,
}

impl Rest {
    async fn of(world: &World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/analytics/v1", listener.local_addr().unwrap());
        let signer = signer();
        let foundation = foundation(&signer);
        let assembled =
            analytics::assemble(Config::default(), world.database.clone(), &foundation).await.unwrap();
        tokio::spawn(axum::serve(listener, assembled.routes).into_future());
        Self { url, client: Client::builder().no_proxy().build().unwrap(), signer }
    }

    async fn get(&self, by: Option<UserId>, path: &str) -> Response {
        let ask = self.client.get(format!("{}{path}", self.url));
        let ask = match by {
            Some(user) => ask.bearer_auth(self.signer.token(user)),
            None => ask,
        };
        ask.send().await.unwrap()
    }

    /// The status and the code of a refusal, which is the same for the table.
    async fn refusal(&self, by: Option<UserId>, event: &str) -> (u16, Value) {
        let [json, csv] = ["report", "report.csv"].map(|form| format!("/events/{event}/{form}"));
        let (json, csv) = futures::join!(self.get(by, &json), self.get(by, &csv));
        assert_eq!(csv.headers()[header::CONTENT_TYPE], "application/problem+json");
        let status = json.status().as_u16();
        let problem: Value = json.json().await.unwrap();
        assert_eq!(csv.json::<Value>().await.unwrap(), problem);
        (status, problem["code"].clone())
    }
}

#[tokio::test]
async fn an_organizer_reads_the_same_report_as_in_the_graph() {
    let (world, show) = (World::new().await, Show::new());
    world.hear_all(&show.prologue()).await;
    let purchase = show.purchase(at("2026-11-01T10:00:00Z"), EUR);
    world.hear(&purchase.issued(8300, 300, &[(0, 2, 8000)])).await.unwrap();
    world.hear_all(&purchase.took_back(4000, &[(0, 1, 4000)])).await;
    let rest = Rest::of(&world).await;
    let response = rest.get(Some(show.organizer), &format!("/events/{}/report", show.event.public())).await;
    assert_eq!(response.status(), 200);
    let report: Value = response.json().await.unwrap();
    let fields = "currency grossRevenue { amount currency } netRevenue { amount currency } refunded { amount currency } \
        fees { amount currency } ticketsSold ticketsRefunded checkedIn capacity \
        byTicketType { name ticketsSold ticketsRefunded checkedIn grossRevenue { amount currency } } \
        funnel { holds checkouts paid expired declined }";
    let graphs = world.sales(Some(show.organizer), &show.event.to_string(), fields).await.unwrap();
    assert_eq!((&report["ticketsRefunded"], &report["refunded"]["amount"]), (&json!(1), &json!("40.00")));
    let mut expected = graphs;
    expected["eventId"] = json!(show.event.public());
    for (line, id) in expected["byTicketType"].as_array_mut().unwrap().iter_mut().zip(show.types) {
        line["ticketTypeId"] = json!(id.public());
    }
    assert_eq!(report, expected);
}

#[tokio::test]
async fn a_spreadsheet_takes_the_table_and_runs_nothing_of_it() {
    let (world, show) = (World::new().await, Show::new());
    world.hear_all(&show.prologue()).await;
    world.hear(&show.named(0, 7, "=HYPERLINK(\"http://evil.example\", \"Stalls\")")).await.unwrap();
    world.hear(&show.named(1, 7, "Balkon, Schüler")).await.unwrap();
    let first = show.purchase(at("2026-11-02T10:00:00Z"), EUR);
    let mut told = first.placed(5300);
    told.extend([
        first.paid(5300),
        first.issued(5300, 300, &[(0, 1, 3000), (1, 1, 2000)]),
        first.checked_in(1),
    ]);
    told.extend(first.took_back(1000, &[(1, 1, 1000)]));
    world.hear_all(&told).await;
    let rest = Rest::of(&world).await;
    let response = rest.get(Some(show.organizer), &format!("/events/{}/report.csv", show.event)).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8; header=present");
    assert_eq!(
        response.headers()[header::CONTENT_DISPOSITION],
        format!("attachment; filename=\"sales-{}.csv\"", show.event)
    );
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let [stalls, circle] = show.types.map(TicketTypeId::public);
    assert_eq!(
        // As it is sent: reading it as text would take the mark away.
        String::from_utf8(response.bytes().await.unwrap().to_vec()).unwrap(),
        format!(
            "\u{feff}ticketTypeId,name,sold,refunded,checkedIn,revenue,fees,refundedAmount,netRevenue,currency\r\n\
             {stalls},\"'=HYPERLINK(\"\"http://evil.example\"\", \"\"Stalls\"\")\",1,0,0,30.00,,,,EUR\r\n\
             {circle},\"Balkon, Schüler\",1,1,1,20.00,,,,EUR\r\n\
             ,Total,2,1,1,50.00,3.00,10.00,40.00,EUR\r\n"
        )
    );
}

#[tokio::test]
async fn nobody_but_owners_and_managers_reads_a_report() {
    let (world, show, draft) = (World::new().await, Show::new(), Show::new());
    world.hear_all(&show.prologue()).await;
    world.hear(&draft.changed(1, EventChange::Created, EventStatus::Draft, "UTC")).await.unwrap();
    let (scanner, stranger) = (UserId::new(), UserId::new());
    world.hear(&show.member(scanner, 1, Some(Role::Scanner))).await.unwrap();
    let rest = Rest::of(&world).await;
    let (public, hidden) = (show.event.to_string(), draft.event.to_string());
    let missing = EventId::new().to_string();
    // Each waits a moment for news that may be on its way; so all at once.
    let refusals = futures::join!(
        rest.refusal(None, &public),
        rest.refusal(Some(stranger), &public),
        rest.refusal(Some(scanner), &public),
        rest.refusal(Some(stranger), &hidden),
        rest.refusal(Some(stranger), &missing),
        rest.refusal(Some(stranger), "1%20OR%201=1"),
    );
    assert_eq!(refusals.0, (401, json!("UNAUTHENTICATED")));
    assert_eq!(refusals.1, (403, json!("FORBIDDEN")));
    assert_eq!(refusals.2, (403, json!("FORBIDDEN")));
    assert_eq!(refusals.3, (404, json!("NOT_FOUND")));
    assert_eq!(refusals.4, (404, json!("NOT_FOUND")));
    assert_eq!(refusals.5, (400, json!("BAD_USER_INPUT")));
}
