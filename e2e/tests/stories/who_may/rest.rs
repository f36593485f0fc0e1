//! Every operation of the six OpenAPI documents, through the router.

use std::collections::BTreeSet;

use e2e::access::{Access, operations};
use odysseus::Subgraph;
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};

use super::{
    Findings, Outcome, call, call_of_nothing,
    cases::{About, Call, DRAFT, EVENT, HIDDEN_LAYOUT, ORDER, public, refresh_token, seen_by},
    gets_in, knows_nothing_of,
    world::{PEOPLE, World, a_dot},
};

/// How an operation is tried.
struct Case {
    /// Its method, and its path as the document has it.
    operation: &'static str,
    about: Option<About>,
    /// The path and what is asked for there, with what.
    ask: fn(&Call<'_>) -> (String, Value),
    /// Who has the secret, where one is taken.
    holders: &'static [&'static str],
    /// True for a list, which is open to all: in is who finds the thing there.
    is_list: bool,
}

const fn case(operation: &'static str, about: Option<About>, ask: fn(&Call<'_>) -> (String, Value)) -> Case {
    Case { operation, about, ask, holders: &PEOPLE, is_list: false }
}

/// One that takes a secret which none of the nine has.
const fn of_nobody(operation: &'static str, ask: fn(&Call<'_>) -> (String, Value)) -> Case {
    Case { holders: &[], ..case(operation, None, ask) }
}

/// A path, with nothing to send.
fn at(path: String) -> (String, Value) {
    (path, Value::Null)
}

/// Where the picture of somebody who performs at an organization's events is.
fn portrait(call: &Call<'_>) -> String {
    let performer = "prf_2c26b46b68ffc68ff99b453c1d304134";
    format!("/api/events/v1/organizations/{}/performers/{performer}/image", call.id)
}

const CASES: &[Case] = &[
    case("POST /api/users/v1/token", None, |call| ("/api/users/v1/token".to_owned(), call.credentials())),
    case("POST /api/users/v1/token/refresh", None, |call| {
        let token = call.world.thing(&refresh_token(call.name, 2));
        ("/api/users/v1/token/refresh".to_owned(), json!({ "refreshToken": token }))
    }),
    case("POST /api/users/v1/token/revoke", None, |call| {
        let token = call.world.thing(&refresh_token(call.name, 3));
        ("/api/users/v1/token/revoke".to_owned(), json!({ "refreshToken": token }))
    }),
    of_nobody("POST /api/users/v1/token/complete", |_| {
        let answer = json!({ "challenge": "A".repeat(43), "code": "123456" });
        ("/api/users/v1/token/complete".to_owned(), answer)
    }),
    of_nobody("GET /api/notifications/v1/unsubscribe/{token}", |_| {
        at("/api/notifications/v1/unsubscribe/nonsense".to_owned())
    }),
    of_nobody("POST /api/notifications/v1/unsubscribe/{token}", |_| {
        at("/api/notifications/v1/unsubscribe/nonsense".to_owned())
    }),
    of_nobody("POST /api/notifications/v1/bounces", |_| {
        (
            "/api/notifications/v1/bounces".to_owned(),
            json!({ "bounces": [{ "recipient": "ada@example.test", "status": "5.1.1" }] }),
        )
    }),
    case("GET /api/users/v1/me", None, |_| at("/api/users/v1/me".to_owned())),
    case("GET /api/users/v1/me/export", None, |_| at("/api/users/v1/me/export".to_owned())),
    case("GET /api/tickets/v1/me/export", None, |_| at("/api/tickets/v1/me/export".to_owned())),
    case("GET /api/payments/v1/me/export", None, |_| at("/api/payments/v1/me/export".to_owned())),
    case("GET /api/notifications/v1/me/export", None, |_| at("/api/notifications/v1/me/export".to_owned())),
    Case {
        is_list: true,
        ..case("GET /api/events/v1/events", Some(DRAFT), |call| {
            let organization = call.world.thing("organization");
            at(format!("/api/events/v1/events?statuses=DRAFT&organizationId={organization}"))
        })
    },
    case("GET /api/events/v1/events/{idOrSlug}", Some(EVENT), |call| {
        at(format!("/api/events/v1/events/{}", call.id))
    }),
    case("GET /api/events/v1/events/{idOrSlug}", Some(DRAFT), |call| {
        at(format!("/api/events/v1/events/{}", call.id))
    }),
    case("GET /api/events/v1/events/{idOrSlug}/calendar.ics", Some(EVENT), |call| {
        at(format!("/api/events/v1/events/{}/calendar.ics", call.id))
    }),
    case("GET /api/events/v1/events/{idOrSlug}/calendar.ics", Some(DRAFT), |call| {
        at(format!("/api/events/v1/events/{}/calendar.ics", call.id))
    }),
    case("PUT /api/events/v1/events/{eventId}/image", Some(EVENT), |call| {
        at(format!("/api/events/v1/events/{}/image?altText=A%20dot", call.id))
    }),
    case("PUT /api/events/v1/events/{eventId}/image", Some(DRAFT), |call| {
        at(format!("/api/events/v1/events/{}/image?altText=A%20dot", call.id))
    }),
    case("DELETE /api/events/v1/events/{eventId}/image", Some(DRAFT), |call| {
        at(format!("/api/events/v1/events/{}/image", call.id))
    }),
    case("POST /api/events/v1/events/{eventId}/images", Some(EVENT), |call| {
        at(format!("/api/events/v1/events/{}/images?altText=A%20dot", call.id))
    }),
    case("POST /api/events/v1/events/{eventId}/images", Some(DRAFT), |call| {
        at(format!("/api/events/v1/events/{}/images?altText=A%20dot", call.id))
    }),
    case("PUT /api/events/v1/events/{eventId}/images", Some(DRAFT), |call| {
        (format!("/api/events/v1/events/{}/images", call.id), json!({ "imageIds": [] }))
    }),
    case("DELETE /api/events/v1/events/{eventId}/images/{imageId}", Some(DRAFT), |call| {
        at(format!("/api/events/v1/events/{}/images/{}", call.id, call.world.thing("picture")))
    }),
    case("GET /api/events/v1/layouts/{layoutId}/views", Some(HIDDEN_LAYOUT), |call| {
        at(format!("/api/events/v1/layouts/{}/views", call.id))
    }),
    case("PUT /api/events/v1/layouts/{layoutId}/sections/{section}/view", Some(HIDDEN_LAYOUT), |call| {
        at(format!("/api/events/v1/layouts/{}/sections/STALLS/view?altText=A%20dot", call.id))
    }),
    case("DELETE /api/events/v1/layouts/{layoutId}/sections/{section}/view", Some(HIDDEN_LAYOUT), |call| {
        at(format!("/api/events/v1/layouts/{}/sections/STALLS/view", call.id))
    }),
    case(
        "PUT /api/events/v1/organizations/{organizationId}/performers/{performerId}/image",
        Some(public("organization")),
        |call| at(portrait(call) + "?altText=A%20dot"),
    ),
    case(
        "DELETE /api/events/v1/organizations/{organizationId}/performers/{performerId}/image",
        Some(public("organization")),
        |call| at(portrait(call)),
    ),
    case("GET /api/events/v1/images/{imageId}/{file}", Some(public("picture")), |call| {
        at(format!("/api/events/v1/images/{}/1.webp", call.id))
    }),
    case("GET /api/events/v1/layouts/{layoutId}/plan.json", Some(HIDDEN_LAYOUT), |call| {
        at(format!("/api/events/v1/layouts/{}/plan.json", call.id))
    }),
    case("GET /api/tickets/v1/events/{id}/seat-map", Some(EVENT), |call| {
        at(format!("/api/tickets/v1/events/{}/seat-map", call.id))
    }),
    case("GET /api/tickets/v1/orders/{id}", Some(ORDER), |call| {
        at(format!("/api/tickets/v1/orders/{}", call.id))
    }),
    case("GET /api/tickets/v1/tickets/{file}", Some(seen_by("ticket", &PEOPLE)), |call| {
        let code = call.world.thing("ticket's secret");
        at(format!("/api/tickets/v1/tickets/{}.png?code={code}", call.id))
    }),
    Case {
        // With a signature that opens nothing.
        holders: &[],
        ..case("GET /api/tickets/v1/tickets/{file}", Some(seen_by("ticket", &[])), |call| {
            at(format!("/api/tickets/v1/tickets/{}.pdf?until=9999999999&signature=nonsense", call.id))
        })
    },
    Case {
        // With a signature that opens nothing.
        holders: &[],
        ..case("GET /api/tickets/v1/invoices/{file}", Some(seen_by("ticket", &[])), |call| {
            let id = call.id.replace("tkt_", "ivc_");
            at(format!("/api/tickets/v1/invoices/{id}.pdf?until=9999999999&signature=nonsense"))
        })
    },
    case("GET /api/tickets/v1/keys", None, |_| at("/api/tickets/v1/keys".to_owned())),
    case("POST /api/tickets/v1/check-ins", Some(EVENT), scan),
    case("POST /api/tickets/v1/check-ins", Some(DRAFT), scan),
    case("GET /api/payments/v1/settings", None, |_| at("/api/payments/v1/settings".to_owned())),
    case("GET /api/payments/v1/orders/{orderId}/payment", Some(ORDER), |call| {
        at(format!("/api/payments/v1/orders/{}/payment", call.id))
    }),
    case(
        "GET /api/payments/v1/organizations/{organizationId}/statement",
        Some(public("organization")),
        |call| {
            let times = "from=2026-11-01T00:00:00Z&until=2026-12-01T00:00:00Z";
            at(format!("/api/payments/v1/organizations/{}/statement?{times}", call.id))
        },
    ),
    case(
        "GET /api/payments/v1/organizations/{organizationId}/statement.csv",
        Some(public("organization")),
        |call| {
            let times = "from=2026-11-01T00:00:00Z&until=2026-12-01T00:00:00Z";
            at(format!("/api/payments/v1/organizations/{}/statement.csv?{times}", call.id))
        },
    ),
    Case {
        // With a signature that opens nothing.
        holders: &[],
        ..case(
            "GET /api/payments/v1/organizations/{organizationId}/payout-account",
            Some(seen_by("organization", &[])),
            |call| {
                let signed = "until=9999999999&signature=nonsense";
                at(format!("/api/payments/v1/organizations/{}/payout-account?{signed}", call.id))
            },
        )
    },
    Case {
        // Stripe alone can sign.
        holders: &[],
        ..case("POST /api/payments/v1/stripe/webhook", None, |_| {
            (
                "/api/payments/v1/stripe/webhook".to_owned(),
                json!({ "id": "evt_forged", "type": "charge.refunded" }),
            )
        })
    },
    case("GET /api/notifications/v1/notifications", None, |_| {
        at("/api/notifications/v1/notifications".to_owned())
    }),
    case("GET /api/analytics/v1/events/{eventId}/report", Some(EVENT), |call| {
        at(format!("/api/analytics/v1/events/{}/report", call.id))
    }),
    case("GET /api/analytics/v1/events/{eventId}/report", Some(DRAFT), |call| {
        at(format!("/api/analytics/v1/events/{}/report", call.id))
    }),
    case("GET /api/analytics/v1/events/{eventId}/report.csv", Some(EVENT), |call| {
        at(format!("/api/analytics/v1/events/{}/report.csv", call.id))
    }),
    case("GET /api/analytics/v1/events/{eventId}/report.csv", Some(DRAFT), |call| {
        at(format!("/api/analytics/v1/events/{}/report.csv", call.id))
    }),
];

fn scan(call: &Call<'_>) -> (String, Value) {
    ("/api/tickets/v1/check-ins".to_owned(), json!({ "eventId": call.id, "code": "ODY1.nonsense" }))
}

pub(super) async fn is_tried(world: &World, found: &mut Findings) {
    let documented = documented(world).await;
    let tried: BTreeSet<&str> = CASES.iter().map(|case| case.operation).collect();
    let there: BTreeSet<&str> = documented.iter().map(|(operation, _)| operation.as_str()).collect();
    assert_eq!(tried, there, "left: in the table, right: in the documents");
    for case in CASES {
        let (_, said) =
            documented.iter().find(|(operation, _)| operation == case.operation).expect("compared above");
        let access =
            Access::of_operation(said).unwrap_or_else(|| panic!("{} does not say who may", case.operation));
        for name in PEOPLE {
            let may = gets_in(&access, case.about, case.holders, name);
            let came = case.comes_to(&call(world, name, case.about)).await;
            let what = format!("{} {}", case.operation, case.about.map_or("", |about| about.thing));
            if may || case.is_list || case.about.is_none() {
                found.note(&what, name, may, &came, None);
            } else {
                let of_nothing = case.comes_to(&call_of_nothing(world, name, case.about)).await;
                let alike = knows_nothing_of(case.about, name);
                found.note(&what, name, may, &came, Some((&of_nothing, alike)));
            }
        }
    }
}

/// Every operation, as the running services document it.
async fn documented(world: &World) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for subgraph in Subgraph::ALL {
        let path = format!("/api/{}/openapi.json", subgraph.name());
        let document = world.person("anonymous").fetches(&path).await.unwrap();
        let document: Value = document.json().await.unwrap();
        all.extend(
            operations(&document).into_iter().map(|(method, path, said)| (format!("{method} {path}"), said)),
        );
    }
    all
}

impl Case {
    async fn comes_to(&self, of: &Call<'_>) -> Outcome {
        let (path, body) = (self.ask)(of);
        let (method, _) = self.operation.split_once(' ').expect("a method and a path");
        let method = Method::from_bytes(method.as_bytes()).expect("the documents know methods");
        let mut request = of.world.client().request(method, format!("{}{path}", of.world.platform.url()));
        if path.contains("altText=") {
            request = request.header(CONTENT_TYPE, "image/png").body(a_dot());
        } else if !body.is_null() {
            request = request.json(&body);
        }
        if let Some(token) = of.world.person(of.name).token() {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
        if status.is_success() {
            let shows_it = !self.is_list || text.contains(&of.id);
            return if shows_it { Outcome::In(status.as_u16().into()) } else { Outcome::Out(Vec::new()) };
        }
        let problem: Value =
            serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {status} {text}"));
        let said = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
        // A signature that is none keeps out as well.
        let code =
            if self.operation.ends_with("/stripe/webhook") { "FORBIDDEN".to_owned() } else { said("code") };
        Outcome::of(Value::Null, vec![(code, said("detail"))], &of.id)
    }
}
