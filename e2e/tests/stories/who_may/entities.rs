//! Every entity of every service, looked up by its key as the router does, and each of its fields with a rule of its own.

use e2e::{
    Answer,
    access::{Declared, is_root},
};
use odysseus::Subgraph;
use serde_json::{Value, json};

use super::{
    Findings, Outcome, call, call_of_nothing,
    cases::{About, Call, DRAFT, EVENT, ORDER, PROMO_CODE, TICKET, WAITING, hidden, public, seen_by},
    gets_in, knows_nothing_of,
    world::{PEOPLE, World},
};

/// Of each type, what is looked up, and whose own that is.
const THINGS: &[(&str, About, &[&str])] = &[
    ("Event", EVENT, &[]),
    ("Event", DRAFT, &[]),
    ("Organization", public("organization"), &[]),
    ("User", seen_by("buyer", &["buyer", "operator"]), &["buyer"]),
    ("User", seen_by("scanner", &["scanner", "box office", "manager", "owner", "operator"]), &["scanner"]),
    ("Order", ORDER, &[]),
    ("Ticket", TICKET, &[]),
    ("TicketType", public("open type"), &[]),
    ("TicketType", hidden("hidden type"), &[]),
    ("TicketType", hidden("draft's type"), &[]),
    ("Reservation", seen_by("reservation", &["buyer"]), &[]),
    ("PromoCode", PROMO_CODE, &[]),
    ("WaitlistEntry", WAITING, &[]),
    ("Payment", seen_by("payment", &["buyer"]), &[]),
];

/// What may be null also for who may see it: a draft has no map, and few people tell a telephone number, and nobody has to have terms.
const MAY_BE_NULL: &[(&str, &str)] = &[
    ("Event", "seatMap"),
    ("Event", "cancellation"),
    ("Event", "refundPolicy"),
    ("Event", "saleStartsAt"),
    ("Event", "priceRange"),
    ("Event", "salesTerms"),
    ("Ticket", "walletUrl"),
    ("TicketType", "tax"),
    ("User", "phone"),
    ("User", "emailChange"),
    ("User", "emailUnreachableSince"),
];

/// What is told of an event's places to those alone who manage it.
const ORGANIZERS_COUNTS: [&str; 3] = ["blocked", "held", "sold"];

/// Members are seen as members: where they have no role together with somebody, they are others to them.
const NOT_FELLOWS: &str = "buyer";

pub(super) async fn are_tried(world: &World, found: &mut Findings) {
    for subgraph in Subgraph::ALL {
        let declared = Declared::by(&subgraph.sdl());
        for (entity, access) in &declared.entities {
            let access = access.as_ref().unwrap_or_else(|| panic!("{entity} does not say who may"));
            let things: Vec<_> = THINGS.iter().filter(|(of, ..)| of == entity).collect();
            assert!(!things.is_empty(), "there is nothing to look up {entity} with");
            let ruled = declared.fields.iter().filter(|((of, _), access)| of == entity && access.is_some());
            let ruled: Vec<_> = ruled.map(|((_, field), access)| (field, access.as_ref().unwrap())).collect();
            for (_, about, own) in things {
                for name in PEOPLE {
                    let what = format!("{}: {entity} {}", subgraph.name(), about.thing);
                    let try_it = async |field: Option<&str>| {
                        let of_it = looks_up(subgraph, entity, field, &call(world, name, Some(*about))).await;
                        let nothing = call_of_nothing(world, name, Some(*about));
                        (of_it, looks_up(subgraph, entity, field, &nothing).await)
                    };
                    // Where a service keeps something of everybody, its fields say whose.
                    let fellow = access.who.contains("PUBLIC") || is_fellow(entity, about, name);
                    let may = gets_in(access, Some(*about), own, name) && fellow;
                    let (came, of_nothing) = try_it(None).await;
                    let alike = knows_nothing_of(Some(*about), name);
                    found.note(&what, name, may, &came, Some((&of_nothing, alike)));
                    for (field, access) in &ruled {
                        let may = may && gets_in(access, Some(*about), own, name);
                        let (came, of_nothing) = try_it(Some(field)).await;
                        let is_nothing = came == Outcome::Out(Vec::new());
                        let may_be_null = MAY_BE_NULL.contains(&(entity.as_str(), field.as_str()));
                        if !(may && is_nothing && may_be_null) {
                            let what = format!("{what}.{field}");
                            found.note(&what, name, may, &came, Some((&of_nothing, alike)));
                        }
                    }
                }
            }
        }
        // What else has a rule of its own is reached by a root field, and has to be tried there.
        let left = declared.fields.iter().filter(|((of, _), access)| {
            access.is_some() && !is_root(of) && !declared.entities.contains_key(of)
        });
        let left: Vec<_> = left.map(|((of, field), _)| format!("{of}.{field}")).collect();
        let tried = match subgraph {
            Subgraph::Events => vec!["EventConnection.facets".to_owned(), "Venue.layouts".to_owned()],
            Subgraph::Tickets => {
                let counts = ORGANIZERS_COUNTS.map(|count| format!("Availability.{count}"));
                counts.into_iter().chain(["Seat.blockedReason".to_owned()]).collect()
            }
            Subgraph::Payments => vec!["PayoutAccount.onboardingUrl".to_owned()],
            _ => Vec::new(),
        };
        assert_eq!(left, tried, "{} has fields with rules that nothing tries", subgraph.name());
    }
    layouts_of_a_venue(world, found).await;
    facets_of_a_list(world, found).await;
    counts_of_an_event(world, found).await;
    why_a_seat_is_kept_back(world, found).await;
    where_an_owner_opens_a_payout_account(world, found).await;
}

/// The roles that `User` names are those in an organization that both belong to.
fn is_fellow(entity: &str, about: &About, name: &str) -> bool {
    entity != "User" || about.thing != NOT_FELLOWS || ["buyer", "operator"].contains(&name)
}

/// What a service says of an entity, or of a field of it.
async fn looks_up(subgraph: Subgraph, entity: &str, field: Option<&str>, of: &Call<'_>) -> Outcome {
    let selection = match field {
        None => "__typename".to_owned(),
        Some(field) => field.to_owned(),
    };
    let schema = Declared::by(&subgraph.sdl());
    let leaf = field.is_none_or(|field| schema.is_leaf(entity, field));
    let below = if leaf { "" } else { " { __typename }" };
    let query = format!(
        "query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on {entity} {{ it: {selection}{below} }} }} }}"
    );
    let of_it = json!([{ "__typename": entity, "id": of.id }]);
    let answer = asks(of, subgraph, &query, json!({ "of": of_it })).await;
    let refused = answer.errors.into_iter().map(|refused| (refused.code, refused.message)).collect();
    Outcome::of(answer.data["_entities"][0]["it"].clone(), refused, &of.id)
}

/// Straight at the service, around the router.
async fn asks(of: &Call<'_>, subgraph: Subgraph, query: &str, variables: Value) -> Answer {
    let url = format!("{}/graphql", of.world.service(subgraph.name()));
    let mut request = of.world.client().post(url).json(&json!({ "query": query, "variables": variables }));
    if let Some(token) = of.world.person(of.name).token() {
        request = request.bearer_auth(token);
    }
    Answer::read(request.send().await.unwrap().json().await.unwrap())
}

/// Plans that nobody has shown are seen by whoever sees everything of the house.
async fn layouts_of_a_venue(world: &World, found: &mut Findings) {
    let declared = Declared::by(&Subgraph::Events.sdl());
    let access = declared.fields[&("Venue".to_owned(), "layouts".to_owned())].clone().unwrap();
    let about = hidden("layout nobody has shown");
    for name in PEOPLE {
        let query = "query($id: ID!) { venue(id: $id) { layouts { id } } }";
        let venue = json!({ "id": world.thing("venue") });
        let answer = world.person(name).does("venue", query, venue).await.unwrap();
        let is_there = answer.to_string().contains(world.thing(about.thing));
        let came = if is_there { Outcome::In(answer) } else { Outcome::Out(Vec::new()) };
        found.note("Venue.layouts", name, gets_in(&access, Some(about), &[], name), &came, None);
    }
}

/// What a list has of each kind, which is open to all.
async fn facets_of_a_list(world: &World, found: &mut Findings) {
    let declared = Declared::by(&Subgraph::Events.sdl());
    let access = declared.fields[&("EventConnection".to_owned(), "facets".to_owned())].clone().unwrap();
    for name in PEOPLE {
        let query = "query { events { facets { field buckets { value count } } } }";
        let answer = world.person(name).does("events", query, json!({})).await.unwrap();
        let came = Outcome::of(answer["facets"].clone(), Vec::new(), "");
        found.note("EventConnection.facets", name, gets_in(&access, Some(EVENT), &[], name), &came, None);
    }
}

/// What became of the places that are not left.
async fn counts_of_an_event(world: &World, found: &mut Findings) {
    let declared = Declared::by(&Subgraph::Tickets.sdl());
    for count in ORGANIZERS_COUNTS {
        let access = declared.fields[&("Availability".to_owned(), count.to_owned())].clone().unwrap();
        for name in PEOPLE {
            let query =
                format!("query($id: ID!) {{ event(id: $id) {{ availability {{ level it: {count} }} }} }}");
            let event = json!({ "id": world.thing("event") });
            let answer = world.person(name).does("event", &query, event).await.unwrap();
            let came = Outcome::of(answer["availability"]["it"].clone(), Vec::new(), "");
            let may = gets_in(&access, Some(EVENT), &[], name);
            found.note(&format!("Availability.{count}"), name, may, &came, None);
        }
    }
}

/// Why an organizer keeps a seat back.
async fn why_a_seat_is_kept_back(world: &World, found: &mut Findings) {
    let declared = Declared::by(&Subgraph::Tickets.sdl());
    let access = declared.fields[&("Seat".to_owned(), "blockedReason".to_owned())].clone().unwrap();
    let (event, owner) = (json!({ "id": world.thing("event") }), world.person("owner"));
    let query = "query($id: ID!) { event(id: $id) { seatMap { sections { seats { id status it: blockedReason } } } } }";
    let seats = async |name: &str| {
        let answer = world.person(name).does("event", query, event.clone()).await.unwrap();
        let sections = answer["seatMap"]["sections"].as_array().unwrap().clone();
        sections.iter().flat_map(|section| section["seats"].as_array().unwrap().clone()).collect::<Vec<_>>()
    };
    let all = seats("owner").await;
    let free = all.iter().rfind(|seat| seat["status"] == "AVAILABLE").expect("a seat is free");
    let block = async |blocked: bool, reason: Value| {
        let block = "mutation($input: SetSeatsBlockedInput!) { setSeatsBlocked(input: $input) { version } }";
        let input =
            json!({ "eventId": event["id"], "seatIds": [free["id"]], "blocked": blocked, "reason": reason });
        owner.does("setSeatsBlocked", block, json!({ "input": input })).await.unwrap();
    };
    block(true, json!("A camera stands there.")).await;
    for name in PEOPLE {
        let seat = seats(name).await.into_iter().find(|seat| seat["id"] == free["id"]).unwrap();
        let came = Outcome::of(seat["it"].clone(), Vec::new(), "");
        found.note("Seat.blockedReason", name, gets_in(&access, Some(EVENT), &[], name), &came, None);
    }
    block(false, Value::Null).await;
}

/// Where the payment provider asks an owner who the house is.
async fn where_an_owner_opens_a_payout_account(world: &World, found: &mut Findings) {
    let declared = Declared::by(&Subgraph::Payments.sdl());
    let access = declared.fields[&("PayoutAccount".to_owned(), "onboardingUrl".to_owned())].clone().unwrap();
    let about = public("organization");
    for name in PEOPLE {
        let query = "query($id: ID!) { organization(id: $id) { payoutAccount { it: onboardingUrl } } }";
        let house = json!({ "id": world.thing(about.thing) });
        let answer = world.person(name).does("organization", query, house).await.unwrap();
        let came = Outcome::of(answer["payoutAccount"]["it"].clone(), Vec::new(), "");
        let may = gets_in(&access, Some(about), &[], name);
        found.note("PayoutAccount.onboardingUrl", name, may, &came, None);
    }
}
