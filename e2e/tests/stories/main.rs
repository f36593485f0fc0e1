//! The stories that must hold, a file each, told against the platform as a process of its own.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

mod a_browser_stays_logged_in;
mod a_declined_card_frees_nothing;
mod a_free_order;
mod a_guest_buys_without_an_account;
mod a_payment_that_comes_too_late_is_refunded;
mod a_picture_goes_around;
mod a_price_with_everything_in_it;
mod a_ticket_whose_money_is_disputed_shows_no_code;
mod an_account_is_erased_everywhere;
mod an_expired_hold_is_sellable_at_once;
mod an_id_leads_to_what_it_points_at;
mod an_organization_is_paid_out;
mod bad_input;
mod every_root_field_through_the_router;
mod general_admission;
mod killed_at_any_moment;
mod money_goes_back;
mod nothing_blanks_a_page;
mod one_purchase_is_one_trace;
mod sms_about_an_order;
mod statements;
mod strangers_see_nothing;
mod the_map_of_a_very_big_house_is_small;
mod the_same_key_gives_the_same_answer;
mod the_whole_story;
mod tickets_change_hands;
mod what_an_operator_sees;
mod what_comes_free_goes_to_who_waits;
mod what_errors_tell;
mod what_is_over_is_found_when_asked_for;
mod what_is_sold_out_is_passed_over;
mod what_the_public_is_told_of_stock;
mod who_may;

use chrono::{DateTime, SecondsFormat, Utc};
use e2e::{Person, Platform, Settings, Show, organizer};
use serde_json::{Value, json};

/// The platform, with a show on sale and who has put it on.
struct Stage {
    platform: Platform,
    organizer: Person,
    show: Show,
}

impl Stage {
    async fn set() -> Self {
        Self::set_with(Settings::default()).await
    }

    async fn set_with(settings: Settings) -> Self {
        let platform = platform_with(settings).await;
        let organizer = Person::registers(platform.address(), "Olga").await.unwrap();
        let show = organizer.puts_on("Winter Journey").await.unwrap();
        Self { platform, organizer, show }
    }

    async fn person(&self, name: &str) -> Person {
        Person::registers(self.platform.address(), name).await.unwrap()
    }

    /// So many free seats, for `who` to choose from.
    /// The id of a draft of the same house and plan, between these instants.
    async fn event_between(&self, title: &str, starts: DateTime<Utc>, ends: DateTime<Utc>) -> String {
        let mut input = organizer::event(&self.show.organization, &self.show.venue, &self.show.layout, title);
        let written = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
        input["doorsAt"].take();
        (input["startsAt"], input["endsAt"]) = (written(starts).into(), written(ends).into());
        let query = "mutation($input: CreateEventInput!) { createEvent(input: $input) { id } }";
        let made = self.organizer.does("createEvent", query, json!({ "input": input })).await.unwrap();
        id(&made).to_owned()
    }

    async fn seats(&self, who: &Person, count: usize) -> Vec<String> {
        who.sees_free_seats(&self.show.event, count).await.unwrap()
    }
}

async fn platform() -> Platform {
    platform_with(Settings::default()).await
}

async fn platform_with(settings: Settings) -> Platform {
    Platform::start(env!("CARGO_BIN_EXE_platform-under-test"), settings).await
}

/// The id of what was made.
fn id(made: &Value) -> &str {
    made["id"].as_str().expect("whatever is made has an id")
}

/// An instant as the platform named it.
fn instant(text: &Value) -> DateTime<Utc> {
    text.as_str().and_then(|text| text.parse().ok()).expect("an instant in RFC 3339")
}
