//! What operations cost the databases, whole, through the router: the tour's as they are written down in
//! `docs/statements.md`, and lists the same however long they are.

mod counting;
mod lists;
mod page;
mod tour;

use e2e::SERVICES;
use serde_json::json;

use self::{counting::Counted, page::Page, tour::Tour};

/// How often everything is measured.
const ROUNDS: usize = 3;
/// What the page of an event may ask of tickets at most.
const EVENT_PAGE: u64 = 12;

#[tokio::test]
async fn every_operation_of_the_tour_costs_the_statements_that_are_written_down() {
    let counted = Counted::set().await;
    let tour = Tour::begin(&counted).await;
    // What is kept in memory is there afterwards.
    tour.walk().await;
    let mut traces = Vec::new();
    for _ in 0..ROUNDS {
        traces.extend(tour.walk().await);
    }
    let mut measured = Page::default();
    for (operation, trace) in traces {
        measured.note(operation, counted.costs(&trace).await);
    }
    assert!(measured.most("OneEvent", "tickets") <= EVENT_PAGE);
    let wrong = measured.compared_with_what_is_written();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_long_list_costs_as_many_statements_as_a_short_one() {
    let counted = Counted::set().await;
    let (house, buyer) = lists::fill(&counted).await;
    let (one, many) = ("one", "many");
    let mut traces = Vec::new();
    for case in &lists::CASES {
        for _ in 0..ROUNDS {
            for (asked, first, expected) in [(one, 1, 1), (many, 100, case.length)] {
                let variables = json!({ "first": first, "slug": house });
                let (answer, trace) = counted.asks(&buyer, case.query, &variables, None).await;
                let length = answer.pointer(case.list).and_then(|list| list.as_array()).map(Vec::len);
                assert_eq!(length, Some(expected), "{}: {answer}", case.query);
                traces.push((case.query, asked, trace));
            }
        }
    }
    let mut wrong = Vec::new();
    for case in &lists::CASES {
        let mut measured = Page::default();
        for (_, asked, trace) in traces.iter().filter(|(query, ..)| *query == case.query) {
            measured.note(asked, counted.costs(trace).await);
        }
        let costs: u64 = SERVICES.iter().map(|service| measured.least(one, service)).sum();
        assert!(costs > 0, "nothing was counted of {}", case.query);
        for service in SERVICES {
            // Even when luck helped the long one, and not the short one.
            let (short, long) = (measured.most(one, service), measured.least(many, service));
            if long > short {
                wrong.push(format!("{long} statements in {service} instead of {short}: {}", case.query));
            }
        }
    }
    wrong.extend(lists::unwatched(&buyer).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
