//! What people do who buy tickets.

use serde_json::{Value, json};

use crate::{Live, Outcome, Person, eventually, person::fresh_key};

/// What is wanted of the tickets of an order.
macro_rules! tickets {
    () => {
        "tickets { id code status qrPayload qrSvg pdfUrl seat { id } holderName }"
    };
}

/// What is wanted of an order.
const ORDER: &str = concat!(
    "id number status expiresAt event { id } buyer { id } total { total { amount currency } } history { kind message declineCode } ",
    "payment { id status amount { amount } refunded { amount } declineCode } ",
    tickets!()
);

impl Person {
    /// Looks for events by words.
    pub async fn finds(&self, words: &str) -> Outcome<Vec<Value>> {
        let query = "query($words: String!) { events(filter: { query: $words }, first: 10) { nodes { id title slug } totalCount } }";
        let found = self.does("events", query, json!({ "words": words })).await?;
        Ok(found["nodes"].as_array().cloned().unwrap_or_default())
    }

    /// Sees an event's map; null as long as its places are not open.
    pub async fn sees_seat_map(&self, event: &str) -> Outcome {
        let query = "query($id: ID!) { event(id: $id) { seatMap { version sections { key kind available \
                     seats { id key row number status } } } } }";
        let mut event = self.does("event", query, json!({ "id": event })).await?;
        Ok(event["seatMap"].take())
    }

    /// How a seat stands on the map.
    pub async fn sees_seat(&self, event: &str, seat: &str) -> Outcome<String> {
        let map = self.sees_seat_map(event).await?;
        let sections = map["sections"].as_array().into_iter().flatten();
        let mut seats = sections.flat_map(|section| section["seats"].as_array().into_iter().flatten());
        let found = seats.find(|known| known["id"] == seat);
        Ok(found.and_then(|seat| seat["status"].as_str()).unwrap_or_default().to_owned())
    }

    /// The ids of the first seats that can be had.
    pub async fn sees_free_seats(&self, event: &str, count: usize) -> Outcome<Vec<String>> {
        let map = self.sees_seat_map(event).await?;
        let sections = map["sections"].as_array().into_iter().flatten();
        let seats = sections.flat_map(|section| section["seats"].as_array().into_iter().flatten());
        let free = seats.filter(|seat| seat["status"] == "AVAILABLE");
        let free: Vec<_> =
            free.filter_map(|seat| seat["id"].as_str()).map(str::to_owned).take(count).collect();
        assert_eq!(free.len(), count, "there are not so many free seats");
        Ok(free)
    }

    /// Watches an event's map over WebSocket.
    pub async fn watches_seat_map(&self, event: &str) -> Live {
        let query = "subscription($id: ID!) { seatMapChanged(eventId: $id) { previousVersion version \
                     changes { seatId status } sections { key available } } }";
        self.follows("seatMapChanged", query, json!({ "id": event })).await
    }

    /// Sets seats aside.
    pub async fn holds(&self, event: &str, seats: &[String]) -> Outcome {
        self.holds_with_key(event, seats, &fresh_key()).await
    }

    /// Sets seats aside, with a key of one's own.
    pub async fn holds_with_key(&self, event: &str, seats: &[String], key: &str) -> Outcome {
        let seats: Vec<_> = seats.iter().map(|seat| json!({ "seatId": seat })).collect();
        self.holds_these(json!({ "eventId": event, "seats": seats, "idempotencyKey": key })).await
    }

    /// Sets places without numbers aside.
    pub async fn holds_standing(&self, event: &str, ticket_type: &str, quantity: i64) -> Outcome {
        self.holds_standing_with_key(event, ticket_type, quantity, &fresh_key()).await
    }

    /// The same, with a key of one's own.
    pub async fn holds_standing_with_key(
        &self,
        event: &str,
        ticket_type: &str,
        quantity: i64,
        key: &str,
    ) -> Outcome {
        let standing = json!([{ "ticketTypeId": ticket_type, "quantity": quantity }]);
        let input = json!({ "eventId": event, "generalAdmission": standing, "idempotencyKey": key });
        self.holds_these(input).await
    }

    /// Sets aside what the input says.
    pub async fn holds_these(&self, input: Value) -> Outcome {
        let query = "mutation($input: HoldSeatsInput!) { holdSeats(input: $input) { \
                     id status expiresAt items { quantity seat { id } unitPrice { amount } } total { total { amount currency } } } }";
        self.does("holdSeats", query, json!({ "input": input })).await
    }

    /// Gives places back before their time is over.
    pub async fn releases(&self, reservation: &str) -> Outcome {
        let query = "mutation($id: ID!) { releaseReservation(id: $id) { id status } }";
        self.does("releaseReservation", query, json!({ "id": reservation })).await
    }

    /// Turns a reservation into an order, all of it for themselves.
    pub async fn checks_out(&self, reservation: &str) -> Outcome {
        self.checks_out_with_key(reservation, &fresh_key()).await
    }

    /// The same, with a key of one's own.
    pub async fn checks_out_with_key(&self, reservation: &str, key: &str) -> Outcome {
        let query = format!("mutation($input: CheckoutInput!) {{ checkout(input: $input) {{ {ORDER} }} }}");
        let attendees = json!([{ "name": self.name, "email": self.email }]);
        let input = json!({ "reservationId": reservation, "attendees": attendees, "idempotencyKey": key });
        self.does("checkout", &query, json!({ "input": input })).await
    }

    /// Holds and checks out.
    pub async fn orders(&self, event: &str, seats: &[String]) -> Outcome {
        let reservation = self.holds(event, seats).await?;
        self.checks_out(reservation["id"].as_str().unwrap_or_default()).await
    }

    /// Pays an order with a card of Stripe's test cards.
    pub async fn pays(&self, order: &str, card: &str) -> Outcome {
        self.pays_with_key(order, card, &fresh_key()).await
    }

    /// The same, with a key of one's own.
    pub async fn pays_with_key(&self, order: &str, card: &str, key: &str) -> Outcome {
        let query = "mutation($input: PayInput!) { pay(input: $input) { id status amount { amount currency } declineCode nextActionUrl } }";
        let input = json!({ "orderId": order, "paymentMethod": card, "idempotencyKey": key });
        self.does("pay", query, json!({ "input": input })).await
    }

    /// Gives an order up before it is paid.
    pub async fn gives_up(&self, order: &str) -> Outcome {
        let query = format!("mutation($id: ID!) {{ cancelOrder(id: $id) {{ {ORDER} }} }}");
        self.does("cancelOrder", &query, json!({ "id": order })).await
    }

    /// Looks at an order; null when it is none of theirs.
    pub async fn looks_at(&self, order: &str) -> Outcome {
        let query = format!("query($id: ID!) {{ order(id: $id) {{ {ORDER} }} }}");
        self.does("order", &query, json!({ "id": order })).await
    }

    /// Looks at an order over REST.
    pub async fn looks_at_over_rest(&self, order: &str) -> Outcome {
        self.fetches_own(&format!("/api/tickets/v1/orders/{order}")).await
    }

    /// Follows an order over WebSocket.
    pub async fn follows_order(&self, order: &str) -> Live {
        let query = format!("subscription($id: ID!) {{ orderChanged(id: $id) {{ {ORDER} }} }}");
        self.follows("orderChanged", &query, json!({ "id": order })).await
    }

    /// Follows where an order stands and which tickets it has, as a page does that waits for them.
    pub async fn follows_tickets(&self, order: &str) -> Live {
        let query =
            concat!("subscription($id: ID!) { orderChanged(id: $id) { id status ", tickets!(), " } }");
        self.follows("orderChanged", query, json!({ "id": order })).await
    }

    /// Follows an order as server-sent events.
    pub async fn follows_order_as_events(&self, order: &str) -> Live {
        let query = format!("subscription($id: ID!) {{ orderChanged(id: $id) {{ {ORDER} }} }}");
        self.follows_as_events("orderChanged", &query, json!({ "id": order })).await
    }

    /// Waits until an order has one of these statuses.
    pub async fn waits_for(&self, order: &str, statuses: &[&str]) -> Value {
        let mut last = Value::Null;
        eventually(&format!("the order becomes {statuses:?}"), async || {
            let order = self.looks_at(order).await.ok()?;
            let is_so = order["status"].as_str().is_some_and(|status| statuses.contains(&status));
            last = order;
            is_so.then_some(())
        })
        .await;
        last
    }
}
