//! A cart: places come and go within one clock, and it costs what all of it costs.

use std::sync::Arc;

use kernel::{Currency, Id, LineItemId, Money, TicketTypeId, UserId};
use serde_json::{Value, json};
use tickets::{
    Config,
    domain::{
        entities::{Attendee, Reservation, Wish, Wishes},
        use_cases::{ChangeReservation, Checkout, HoldSeats},
    },
};
use tokio::task::JoinSet;

use crate::stage::{FLOOR, Payments, STALLS, Stage, code};

pub(crate) fn change(cart: &Reservation, wishes: Vec<Wish>, removed: &[LineItemId]) -> ChangeReservation {
    ChangeReservation {
        buyer: cart.state().buyer,
        reservation: cart.state().id,
        wishes: Wishes { wishes, access_code: None },
        removed: removed.to_vec(),
        idempotency_key: Id::<()>::new().to_string(),
    }
}

pub(crate) fn seat(number: u32) -> Wish {
    Wish::Seat { number, ticket_type: None }
}

fn standing(ticket_type: TicketTypeId, quantity: u32) -> Wish {
    Wish::Standing { ticket_type, quantity }
}

impl Stage {
    pub(crate) async fn changes_cart(
        &self,
        cart: &Reservation,
        wishes: Vec<Wish>,
        removed: &[LineItemId],
    ) -> kernel::Result<Reservation> {
        self.tickets.change_reservation(change(cart, wishes, removed)).await
    }
}

fn item_of(cart: &Reservation, seat: u32) -> LineItemId {
    let at = cart.state().claims.iter().position(|claim| claim.place.seat() == Some(seat)).unwrap();
    cart.item_ids()[at]
}

fn total(cart: &Reservation) -> Money {
    cart.price().unwrap().total().unwrap()
}

fn seats(cart: &Reservation) -> Vec<u32> {
    let mut seats = cart.seats();
    seats.sort_unstable();
    seats
}

#[tokio::test]
async fn changing_a_cart_does_not_restart_its_clock_and_its_price_is_that_of_all_of_it() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let floor = stage.sells_at("Standing", &[FLOOR], 700).await;
    let held = stage.holds(UserId::new(), &[3, 4]).await.unwrap();
    let removed = item_of(&held, 3);
    let changed = stage.changes_cart(&held, vec![seat(5), standing(floor, 2)], &[removed]).await.unwrap();
    assert_eq!(changed.state().id, held.state().id);
    assert_eq!(changed.state().expires_at, held.state().expires_at);
    assert_eq!(seats(&changed), [4, 5]);
    assert_eq!(total(&changed), Money::new(2 * 1000 + 2 * 700, Currency::EUR));
    assert_eq!(item_of(&changed, 4), item_of(&held, 4), "an item keeps its name");
    let known = stage.tickets.own_reservation(held.state().id, held.state().buyer).await.unwrap().unwrap();
    assert_eq!(known.state(), changed.state());
    stage.holds(UserId::new(), &[3]).await.unwrap();
    assert_eq!(code(stage.holds(UserId::new(), &[5]).await), "SEATS_UNAVAILABLE");
    stage.assert_invariants().await;

    let order = stage.checks_out(&changed).await;
    assert_eq!(order.state().total, total(&changed), "what was shown is what is charged");
    stage.carry(Payments::Pay).await;
    assert_eq!(stage.tickets.reads().tickets_of(order.state().id).await.unwrap().len(), 4);
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_change_is_all_or_nothing() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.holds(UserId::new(), &[9]).await.unwrap();
    let held = stage.holds(UserId::new(), &[3, 4]).await.unwrap();
    let out = item_of(&held, 3);
    let refused = stage.changes_cart(&held, vec![seat(5), seat(9)], &[out]).await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!(refusal.code.as_str(), "SEATS_UNAVAILABLE");
    assert_eq!(refusal.details["seatIds"].as_array().unwrap().len(), 1, "only the one in the way");
    let known = stage.tickets.own_reservation(held.state().id, held.state().buyer).await.unwrap().unwrap();
    assert_eq!(known.state(), held.state());
    stage.holds(UserId::new(), &[5]).await.unwrap();
    assert_eq!(code(stage.holds(UserId::new(), &[3]).await), "SEATS_UNAVAILABLE");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_seat_comes_back_as_another_ticket_type_within_one_change() {
    let stage = Stage::new().await;
    let adult = stage.sells_at("Adult", &[STALLS], 1000).await;
    let child = stage.sells_at("Child", &[STALLS], 400).await;
    let as_one = |ticket_type| Wish::Seat { number: 6, ticket_type: Some(ticket_type) };
    let ask = stage.wishes(UserId::new(), vec![as_one(adult)]);
    let held = stage.tickets.hold_seats(ask).await.unwrap();
    let out = item_of(&held, 6);
    let changed = stage.changes_cart(&held, vec![as_one(child)], &[out]).await.unwrap();
    assert_eq!((seats(&changed), total(&changed).minor), (vec![6], 400));
    stage.assert_invariants().await;
    let back = stage.changes_cart(&changed, vec![as_one(adult)], &[item_of(&changed, 6)]).await.unwrap();
    assert_eq!(total(&back).minor, 1000);
    stage.assert_invariants().await;
}

#[tokio::test]
async fn the_same_change_sent_again_is_made_once_and_another_under_its_key_is_refused() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(UserId::new(), &[3]).await.unwrap();
    let ask = change(&held, vec![seat(4)], &[item_of(&held, 3)]);
    for _ in 0..2 {
        let changed = stage.tickets.change_reservation(ask.clone()).await.unwrap();
        assert_eq!(seats(&changed), [4]);
    }
    let other = ChangeReservation { removed: Vec::new(), ..ask };
    assert_eq!(code(stage.tickets.change_reservation(other).await), "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn seats_that_are_ones_own_already_are_no_conflict_and_what_is_new_joins_them() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    let first = stage.holds(buyer, &[5, 6]).await.unwrap();
    let more = stage.holds(buyer, &[6, 7]).await.unwrap();
    assert_eq!(more.state().id, first.state().id);
    assert_eq!(more.state().expires_at, first.state().expires_at);
    assert_eq!((seats(&more), total(&more).minor), (vec![5, 6, 7], 3000));
    assert_eq!(code(stage.holds(UserId::new(), &[7, 8]).await), "SEATS_UNAVAILABLE");
    let same = stage.changes_cart(&more, vec![seat(5)], &[]).await.unwrap();
    assert_eq!(seats(&same), [5, 6, 7]);
    let other = stage.holds(buyer, &[15]).await.unwrap();
    assert_ne!(other.state().id, first.state().id);
    let joined = stage.holds(buyer, &[5, 15, 9]).await.unwrap();
    assert_eq!((joined.state().id, seats(&joined)), (first.state().id, vec![5, 6, 7, 9]));
    let other = stage.tickets.own_reservation(other.state().id, buyer).await.unwrap().unwrap();
    assert_eq!(seats(&other), [15], "what is in another reservation stays there");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn only_a_cart_that_waits_for_its_own_buyer_is_changed_and_never_to_nothing() {
    let stage = Stage::with(Config { hold_seconds: 1, sweep: false, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(UserId::new(), &[3]).await.unwrap();
    let theirs = ChangeReservation { buyer: UserId::new(), ..change(&held, vec![seat(4)], &[]) };
    assert_eq!(code(stage.tickets.change_reservation(theirs).await), "NOT_FOUND");
    assert_eq!(code(stage.changes_cart(&held, vec![], &[item_of(&held, 3)]).await), "BAD_USER_INPUT");
    assert_eq!(code(stage.changes_cart(&held, vec![], &[]).await), "BAD_USER_INPUT");
    assert_eq!(code(stage.changes_cart(&held, vec![], &[Id::new()]).await), "BAD_USER_INPUT");
    let over = async || {
        let refused = stage.changes_cart(&held, vec![seat(4)], &[]).await;
        refused.is_err().then(|| code(refused))
    };
    assert_eq!(stage.until("the end of its time", over).await, "RESERVATION_EXPIRED");

    let bought = stage.holds(UserId::new(), &[8]).await.unwrap();
    let order = stage.checks_out(&bought).await;
    let refused = stage.changes_cart(&bought, vec![seat(9)], &[]).await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!(refusal.reason, "ALREADY_CHECKED_OUT");
    assert_eq!(refusal.details["orderId"], order.state().id.public().to_string());
}

#[tokio::test]
async fn a_cart_keeps_to_the_limits_of_orders_and_of_what_one_may_have_open() {
    let stage = Stage::with(Config { open_places: 6, ..Config::default() }).await;
    let mut pairs = stage.ticket_type("Pairs", &[FLOOR], 500);
    (pairs.min_per_order, pairs.max_per_order) = (2, 4);
    let pairs = stage.tickets.create_ticket_type(pairs).await.unwrap().state().id;
    stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    let cart = stage.tickets.hold_seats(stage.standing(buyer, pairs, 3)).await.unwrap();
    assert_eq!(
        code(stage.changes_cart(&cart, vec![standing(pairs, 2)], &[]).await),
        "LIMIT_EXCEEDED",
        "five"
    );
    let cart = stage.changes_cart(&cart, vec![standing(pairs, 1)], &[]).await.unwrap();
    assert_eq!(cart.state().claims.len(), 1, "more of the same is the same item");
    let only = cart.item_ids()[0];
    assert_eq!(
        code(stage.changes_cart(&cart, vec![standing(pairs, 1)], &[only]).await),
        "LIMIT_EXCEEDED",
        "one"
    );
    let cart = stage.changes_cart(&cart, vec![seat(1), seat(2)], &[]).await.unwrap();
    assert_eq!(code(stage.changes_cart(&cart, vec![seat(3)], &[]).await), "LIMIT_EXCEEDED", "seven are open");
    let cart = stage.changes_cart(&cart, vec![seat(3)], &[item_of(&cart, 1)]).await.unwrap();
    assert_eq!(seats(&cart), [2, 3]);
    stage.assert_invariants().await;
}

#[tokio::test]
async fn two_tabs_that_change_one_cart_at_once_never_lose_or_double_a_seat() {
    let stage = Arc::new(Stage::new().await);
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(UserId::new(), &[0]).await.unwrap();
    let mut tabs = JoinSet::new();
    for number in 1..12_u32 {
        let (stage, held) = (stage.clone(), held.clone());
        tabs.spawn(async move { stage.changes_cart(&held, vec![seat(number)], &[]).await.unwrap() });
    }
    tabs.join_all().await;
    let known = stage.tickets.own_reservation(held.state().id, held.state().buyer).await.unwrap().unwrap();
    assert_eq!(seats(&known), (0..12).collect::<Vec<_>>());
    stage.assert_invariants().await;
    stage.tickets.release_reservation(held.state().id, held.state().buyer).await.unwrap();
    stage.assert_invariants().await;
    stage.holds(UserId::new(), &[0, 11]).await.unwrap();
}

#[tokio::test]
async fn each_attendee_goes_in_where_their_item_says() {
    let stage = Stage::new().await;
    let floor = stage.sells_at("Standing", &[FLOOR], 700).await;
    stage.sells("Seat", &[STALLS]).await;
    let ask = HoldSeats {
        wishes: Wishes { wishes: vec![seat(4), standing(floor, 2)], access_code: None },
        ..stage.seats(UserId::new(), &[])
    };
    let held = stage.tickets.hold_seats(ask).await.unwrap();
    let (on_seat, on_floor) = (item_of(&held, 4), held.item_ids()[1]);
    let named = |people: &[(&str, LineItemId)]| Checkout {
        attendees: people
            .iter()
            .map(|(name, _)| Attendee { name: (*name).to_owned(), email: "a@example.org".to_owned() })
            .collect(),
        items: people.iter().map(|(_, item)| *item).collect(),
        ..Stage::checkout(&held)
    };
    let few = named(&[("Ada", on_floor), ("Bo", on_seat)]);
    assert_eq!(code(stage.tickets.checkout(few).await), "BAD_USER_INPUT", "one place has nobody");
    let unknown = named(&[("Ada", on_floor), ("Bo", Id::new()), ("Cy", on_floor)]);
    assert_eq!(code(stage.tickets.checkout(unknown).await), "BAD_USER_INPUT");
    let all = named(&[("Ada", on_floor), ("Bo", on_seat), ("Cy", on_floor)]);
    let (order, _) = stage.tickets.checkout(all).await.unwrap();
    stage.carry(Payments::Pay).await;
    let tickets = stage.tickets.reads().tickets_of(order.state().id).await.unwrap();
    for ticket in tickets {
        let sits = ticket.place.seat().is_some();
        assert_eq!(ticket.holder.name == "Bo", sits, "{}", ticket.holder.name);
    }
}

#[tokio::test]
async fn a_page_finds_its_cart_its_items_and_the_way_to_the_order_and_back() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let floor = stage.sells_at("Standing", &[FLOOR], 700).await;
    let held = stage.holds(UserId::new(), &[3, 4]).await.unwrap();
    let buyer = Some(held.state().buyer);
    let query = "mutation ($input: ChangeReservationInput!) { changeReservation(input: $input) { id items { id quantity } \
                 total { total { amount } } } }";
    let input = json!({ "reservationId": held.state().id.public().to_string(), "addSeats": [{ "key": "STALLS-A-6" }],
        "addPlaces": [{ "ticketTypeId": floor.public().to_string(), "quantity": 2 }],
        "removeItemIds": [item_of(&held, 3).public().to_string()], "idempotencyKey": "change" });
    let changed = stage.data(buyer, query, json!({ "input": input.clone() })).await;
    let items = changed["changeReservation"]["items"].as_array().unwrap();
    assert_eq!(items.iter().map(|item| item["quantity"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 1, 2]);
    assert_eq!(changed["changeReservation"]["total"]["total"]["amount"], "34.00");
    let checkout = "mutation ($input: CheckoutInput!) { checkout(input: $input) { reservation { id order { id } } items { id } id } }";
    let person = |item: &Value| json!({ "name": "Ada", "email": "ada@example.org", "itemId": item["id"] });
    let attendees: Vec<_> = [0, 1, 2, 2].iter().map(|at: &usize| person(&items[*at])).collect();
    let input = json!({ "reservationId": changed["changeReservation"]["id"], "attendees": attendees, "idempotencyKey": "buy" });
    let order = stage.data(buyer, checkout, json!({ "input": input })).await["checkout"].take();
    assert_eq!(order["reservation"]["id"], changed["changeReservation"]["id"]);
    assert_eq!(order["reservation"]["order"]["id"], order["id"]);
    let ids =
        |items: &Value| items.as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&order["items"]), ids(&changed["changeReservation"]["items"]));
    let seen = stage
        .data(
            Some(stage.organizer),
            "query ($id: ID!) { order(id: $id) { reservation { id } } }",
            json!({ "id": order["id"] }),
        )
        .await;
    assert_eq!(seen["order"]["reservation"], Value::Null, "a cart is its buyer's alone");
}
