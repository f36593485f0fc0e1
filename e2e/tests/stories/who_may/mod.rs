//! Everything that can be asked for, by everybody: each who is declared gets in, nobody else does, and what somebody may not
//! know of answers like what is not there. What there is, and who may, is read from the schemas and the documents.

mod cases;
mod entities;
mod graph;
mod rest;
mod world;

use std::collections::BTreeSet;

use e2e::access::Access;
use serde_json::{Value, json};

use self::{
    cases::{About, Call},
    world::World,
};

/// One after the other on one platform, which takes a while to fill.
#[tokio::test(flavor = "multi_thread")]
async fn each_who_is_declared_gets_in_and_nobody_else() {
    let mut world = World::made().await;
    let mut found = Findings::default();
    Box::pin(entities::are_tried(&world, &mut found)).await;
    Box::pin(rest::is_tried(&world, &mut found)).await;
    Box::pin(graph::is_tried(&world, &mut found)).await;
    let Findings { wrong, tries } = found;
    assert!(tries > 1_000, "{tries} tries are not all of them");
    assert!(wrong.is_empty(), "{} of {tries} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    world.is_without_operator().await;
    for (query, thing) in [("order", "order"), ("event", "draft"), ("venue", "hidden venue")] {
        let asked = format!("query($id: ID!) {{ {query}(id: $id) {{ id }} }}");
        let seen =
            world.person("operator").does(query, &asked, json!({ "id": world.thing(thing) })).await.unwrap();
        assert!(seen.is_null(), "{query}: {seen}");
    }
    world.stops().await;
}

/// What is wrong, after so many tries.
#[derive(Default)]
struct Findings {
    wrong: Vec<String>,
    tries: usize,
}

/// What came of a try, the same for the same whatever it was about.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    /// What was asked for.
    In(Value),
    /// Nothing, or a refusal: its code and its message.
    Out(Vec<(String, String)>),
    /// Something else is in the way, such as the state of things: who gets so far is in.
    Further(String),
}

/// The codes by which somebody is kept out.
const KEPT_OUT: [&str; 3] = ["UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND"];

impl Outcome {
    /// Of what was refused, each with code and message, and of what was answered.
    fn of(data: Value, refused: Vec<(String, String)>, id: &str) -> Self {
        let refused: Vec<_> =
            refused.into_iter().map(|(code, message)| (code, message.replace(id, "…"))).collect();
        match refused.iter().find(|(code, _)| !KEPT_OUT.contains(&code.as_str())) {
            Some((code, message)) => Self::Further(format!("{code}: {message}")),
            None if data.is_null() || !refused.is_empty() => Self::Out(refused),
            None => Self::In(data),
        }
    }
}

/// Who of the nine gets in. Whose own it is, and who has a secret, are `holders`.
fn gets_in(access: &Access, about: Option<About>, holders: &[&str], name: &str) -> bool {
    let hidden = about.is_some_and(|about| about.hidden) && !access.hidden.is_empty();
    let who: &BTreeSet<String> = if hidden { &access.hidden } else { &access.who };
    who.iter().any(|who| match who.as_str() {
        "PUBLIC" => true,
        "USER" => name != "anonymous",
        "SELF" => name != "anonymous" && holders.contains(&name),
        "HOLDER" => holders.contains(&name),
        "BOX_OFFICE" => name == "box office",
        who => name == who.to_lowercase(),
    })
}

impl Findings {
    /// Compares what came of a try with who may, and with what came of the same try about nothing: that has to be the same
    /// for who may not know of the thing, and is for who is told to come again.
    fn note(
        &mut self,
        what: &str,
        name: &str,
        may: bool,
        came: &Outcome,
        of_nothing: Option<(&Outcome, bool)>,
    ) {
        self.tries += 1;
        let put_off =
            matches!(came, Outcome::Further(_)) && of_nothing.is_some_and(|(other, _)| other == came);
        let kept_out = matches!(came, Outcome::Out(_)) || put_off;
        if may == kept_out {
            let expected = if may { "gets in" } else { "is kept out" };
            self.wrong.push(format!("{what}: {name} {expected}, but {came:?}"));
        }
        if let Some((other, true)) = of_nothing
            && other != came
        {
            self.wrong.push(format!("{what}: {name} is told {came:?}, and of nothing {other:?}"));
        }
    }
}

/// True when it must not show that the thing is there.
fn knows_nothing_of(about: Option<About>, name: &str) -> bool {
    about.is_some_and(|about| !about.seen_by.contains(&name))
}

fn call<'w>(world: &'w World, name: &'static str, about: Option<About>) -> Call<'w> {
    Call { world, name, id: about.map(|about| world.thing(about.thing).to_owned()).unwrap_or_default() }
}

/// The same about something that is not there, and would have been made at the same time.
fn call_of_nothing<'w>(world: &'w World, name: &'static str, about: Option<About>) -> Call<'w> {
    let mut call = call(world, name, about);
    let made = call.id.len().saturating_sub(12);
    call.id.truncate(made);
    call.id.push_str("000000000001");
    call
}
