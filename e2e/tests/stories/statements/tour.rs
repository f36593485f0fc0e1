use std::{fs, path::Path};

use e2e::Person;
use serde_json::{Value, json};

use super::counting::Counted;
use crate::id;

/// The tour in the playground's tabs, as somebody walks it who does what its comments say.
pub(super) struct Tour<'c> {
    counted: &'c Counted,
    buyer: Person,
    steps: Vec<Step>,
}

/// One tab.
struct Step {
    query: String,
    variables: Value,
    operations: Vec<String>,
}

/// Where a walk stands: what a step needs of those before it.
#[derive(Default)]
struct Walk {
    number: String,
    seats: Vec<String>,
    reservation: String,
    order: String,
    code: String,
}

impl<'c> Tour<'c> {
    pub(super) async fn begin(counted: &'c Counted) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/graphiql/tour");
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.retain(|path| path.extension().is_some_and(|kind| kind == "graphql"));
        let steps = files.into_iter().map(|path| {
            let query = fs::read_to_string(&path).unwrap();
            let variables = fs::read_to_string(path.with_extension("json")).unwrap_or_else(|_| "{}".into());
            let operations = operations(&query);
            Step { query, variables: serde_json::from_str(&variables).unwrap(), operations }
        });
        Self { counted, buyer: counted.stage.person("Bea").await, steps: steps.collect() }
    }

    /// Walks it once: each operation with the trace that it left.
    pub(super) async fn walk(&self) -> Vec<(&str, String)> {
        let stage = &self.counted.stage;
        let number = uuid::Uuid::new_v4().simple().to_string();
        let mut walk = Walk { number, seats: stage.seats(&self.buyer, 2).await, ..Walk::default() };
        let mut done = Vec::new();
        for step in &self.steps {
            for operation in &step.operations {
                let who = if ["OneEvent", "CheckIn"].contains(&operation.as_str()) {
                    &stage.organizer
                } else {
                    &self.buyer
                };
                let query = self.told(&step.query, &walk);
                let variables = self.filled(operation, &step.variables, &walk);
                let (answer, trace) = self.counted.asks(who, &query, &variables, Some(operation)).await;
                walk.goes_on(operation, &answer, &self.buyer).await;
                done.push((operation.as_str(), trace));
            }
        }
        done
    }

    /// The demonstration's people are ours here.
    fn told(&self, query: &str, walk: &Walk) -> String {
        query
            .replace("buyer@odysseus.test", &self.buyer.email)
            .replace("odysseus-demo", self.buyer.password())
            .replace("me@example.test", &format!("me-{}@example.test", walk.number))
    }

    /// What the visitor copies into the variables.
    fn filled(&self, operation: &str, variables: &Value, walk: &Walk) -> Value {
        let event = &self.counted.stage.show.event;
        let text = variables.to_string().replace("RANDOM", &walk.number);
        let mut filled: Value = serde_json::from_str(&text).unwrap();
        match operation {
            "LogIn" | "Register" | "SearchEvents" => {}
            "OneEvent" => filled = json!({ "id": event, "withSales": true }),
            "WatchSeats" => filled["eventId"] = json!(event),
            "HoldSeats" => {
                filled["input"]["eventId"] = json!(event);
                for (index, seat) in walk.seats.iter().enumerate() {
                    filled["input"]["seats"][index]["seatId"] = json!(seat);
                }
            }
            "CheckOut" => filled["input"]["reservationId"] = json!(walk.reservation),
            "WatchOrder" => filled["id"] = json!(walk.order),
            "Pay" => filled["input"]["orderId"] = json!(walk.order),
            "MyTickets" => filled["orderId"] = json!(walk.order),
            "CheckIn" => {
                filled["input"]["eventId"] = json!(event);
                filled["input"]["code"] = json!(walk.code);
            }
            new => panic!("say here what the visitor copies into the variables of {new}"),
        }
        filled
    }
}

impl Walk {
    async fn goes_on(&mut self, operation: &str, answer: &Value, buyer: &Person) {
        match operation {
            "HoldSeats" => id(&answer["holdSeats"]).clone_into(&mut self.reservation),
            "CheckOut" => id(&answer["checkout"]).clone_into(&mut self.order),
            "Pay" => {
                let order = buyer.waits_for(&self.order, &["COMPLETED"]).await;
                order["tickets"][0]["qrPayload"].as_str().unwrap().clone_into(&mut self.code);
            }
            "CheckIn" => assert_eq!(answer["checkIn"]["outcome"], "ADMITTED"),
            _ => {}
        }
    }
}

/// The names of a tab's operations.
fn operations(query: &str) -> Vec<String> {
    let names = query.lines().filter_map(|line| {
        let (kind, rest) = line.split_once(' ')?;
        let name = rest.split(['(', ' ']).next()?;
        ["query", "mutation", "subscription"].contains(&kind).then(|| name.to_owned())
    });
    names.collect()
}
