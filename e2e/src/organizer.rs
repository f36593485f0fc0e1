//! What people do who put on events.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use kernel::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::{Outcome, Person, Sandbox, Show, eventually, hall, person::fresh_key};

impl Person {
    /// Founds an organization.
    pub async fn creates_organization(&self, name: &str) -> Outcome {
        let query = "mutation($input: CreateOrganizationInput!) { \
                     createOrganization(input: $input) { id slug name members { nodes { role user { id } } } } }";
        let input = json!({ "name": name, "idempotencyKey": fresh_key() });
        self.does("createOrganization", query, json!({ "input": input })).await
    }

    /// Invites somebody to an organization by mail.
    pub async fn invites(&self, organization: &str, whom: &Person, role: &str) -> Outcome {
        let query = "mutation($input: InviteMemberInput!) { \
                     inviteMember(input: $input) { id members { nodes { role user { id } } } } }";
        let input = json!({ "organizationId": organization, "email": whom.email, "role": role });
        self.does("inviteMember", query, json!({ "input": input })).await
    }

    /// Opens the link of the last invitation that came by mail.
    pub async fn accepts_the_invitation(&self, sandbox: &Sandbox) -> Outcome {
        let token = self.is_mailed_a_link(sandbox, "/account/invitation").await;
        let query = "mutation($token: String!) { acceptInvitation(token: $token) { id } }";
        self.does("acceptInvitation", query, json!({ "token": token })).await
    }

    /// The token in a link to that page that came by mail.
    pub async fn is_mailed_a_link(&self, sandbox: &Sandbox, page: &str) -> String {
        eventually(&format!("a mail with a link to {page}"), async || {
            let mails = sandbox.mails_with(&[("to", &self.email)]).await;
            mails.iter().find_map(|mail| {
                let (_, rest) = mail.text().split_once(&format!("{page}#token="))?;
                let secret = |char: &char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
                Some(rest.chars().take_while(secret).collect::<String>())
            })
        })
        .await
    }

    /// Enters a venue in Vienna.
    pub async fn creates_venue(&self, organization: &str, name: &str) -> Outcome {
        let query = "mutation($input: CreateVenueInput!) { createVenue(input: $input) { id name timezone } }";
        self.does("createVenue", query, json!({ "input": venue(organization, name) })).await
    }

    /// Draws up a seating plan.
    pub async fn creates_layout(&self, venue: &str, sections: Value) -> Outcome {
        let query =
            "mutation($input: CreateVenueLayoutInput!) { createVenueLayout(input: $input) { id capacity } }";
        let input =
            json!({ "venueId": venue, "name": "Usual", "sections": sections, "idempotencyKey": fresh_key() });
        self.does("createVenueLayout", query, json!({ "input": input })).await
    }

    /// Makes an event, as a draft: in thirty days, for three hours.
    pub async fn creates_event(&self, organization: &str, venue: &str, layout: &str, title: &str) -> Outcome {
        let query = "mutation($input: CreateEventInput!) { createEvent(input: $input) { id slug status } }";
        let input = event(organization, venue, layout, title);
        self.does("createEvent", query, json!({ "input": input })).await
    }

    /// Adds a ticket type in euros to an event.
    pub async fn creates_ticket_type(
        &self,
        event: &str,
        name: &str,
        sections: &[&str],
        price: &str,
    ) -> Outcome {
        let query =
            "mutation($input: CreateTicketTypeInput!) { createTicketType(input: $input) { id name } }";
        let input = json!({
            "eventId": event, "name": name, "sections": sections, "price": { "amount": price, "currency": "EUR" },
            "idempotencyKey": fresh_key(),
        });
        self.does("createTicketType", query, json!({ "input": input })).await
    }

    /// Shows an event to everybody, and waits until its places are open.
    pub async fn publishes(&self, event: &str) -> Outcome {
        let query = "mutation($id: ID!) { publishEvent(id: $id) { id status } }";
        let published = self.does("publishEvent", query, json!({ "id": event })).await?;
        eventually("the event's places open", async || {
            let map = self.sees_seat_map(event).await.ok()?;
            (!map.is_null()).then_some(())
        })
        .await;
        Ok(published)
    }

    /// Keeps seats back from sale, or lets them go.
    pub async fn blocks(&self, event: &str, seats: &[String], blocked: bool) -> Outcome {
        let query = "mutation($input: SetSeatsBlockedInput!) { setSeatsBlocked(input: $input) { version } }";
        let input = json!({ "eventId": event, "seatIds": seats, "blocked": blocked });
        self.does("setSeatsBlocked", query, json!({ "input": input })).await
    }

    /// Reads how an event sells.
    pub async fn reads_sales(&self, event: &str) -> Outcome {
        let query = "query($id: ID!) { event(id: $id) { sales { \
                     grossRevenue { amount currency } netRevenue { amount } refunded { amount } ticketsSold checkedIn capacity \
                     byTicketType { name ticketsSold grossRevenue { amount } } funnel { holds checkouts paid expired declined } } } }";
        Ok(self.does("event", query, json!({ "id": event })).await?["sales"].take())
    }

    /// Founds an organization, and puts an event on sale in a [`hall`].
    pub async fn puts_on(&self, title: &str) -> Outcome<Show> {
        self.puts_on_in(title, hall()).await
    }

    /// The same, with another seating plan of the same sections.
    pub async fn puts_on_in(&self, title: &str, plan: Value) -> Outcome<Show> {
        let id = |made: Value| made["id"].as_str().unwrap_or_default().to_owned();
        let organization = id(self.creates_organization(&format!("{} presents", self.name)).await?);
        let venue = id(self.creates_venue(&organization, "Konzerthaus").await?);
        let layout = id(self.creates_layout(&venue, plan).await?);
        let event = id(self.creates_event(&organization, &venue, &layout, title).await?);
        let stalls = id(self.creates_ticket_type(&event, "Seat", &["STALLS"], "49.50").await?);
        let floor = id(self.creates_ticket_type(&event, "Standing", &["FLOOR"], "25.00").await?);
        self.publishes(&event).await?;
        Ok(Show { organization, venue, layout, event, title: title.to_owned(), stalls, floor })
    }
}

/// What is told of a venue.
pub fn venue(organization: &str, name: &str) -> Value {
    json!({
        "organizationId": organization, "name": name, "timezone": "Europe/Vienna",
        "address": { "street": "Lothringerstraße 20", "postalCode": "1030", "city": "Vienna", "countryCode": "AT" },
        "location": { "lat": 48.2005, "lon": 16.3772 }, "idempotencyKey": fresh_key(),
    })
}

/// What is told of an event in thirty days.
pub fn event(organization: &str, venue: &str, layout: &str, title: &str) -> Value {
    json!({
        "organizationId": organization, "venueId": venue, "layoutId": layout, "title": title,
        "description": "An evening to remember.", "category": "MUSIC", "tags": ["live"], "currency": "EUR",
        "startsAt": ahead(30 * 24), "endsAt": ahead(30 * 24 + 3), "doorsAt": ahead(30 * 24 - 1),
        "idempotencyKey": fresh_key(),
    })
}

/// An instant so many hours ahead, as clients write it.
pub fn ahead(hours: i64) -> String {
    let instant: DateTime<Utc> = SystemClock.now() + Duration::hours(hours);
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}
