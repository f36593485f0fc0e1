//! Closed lists, of the schema and of REST.

use async_graphql::Enum;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "EventCategory", remote = "crate::domain::Category")]
pub(crate) enum EventCategory {
    /// Rock, pop, jazz and whatever else is played live.
    Music,
    /// Orchestras, chamber music, opera.
    Classical,
    /// Plays and musicals.
    Theatre,
    /// Ballet and dance.
    Dance,
    /// Stand-up and cabaret.
    Comedy,
    /// Matches and races.
    Sports,
    /// For children and those who bring them.
    Family,
    /// Talks, congresses, fairs.
    Conference,
    /// Festivals of several acts or days.
    Festival,
    /// Clubs and parties.
    Nightlife,
    /// Museums and exhibitions.
    Exhibition,
    /// Anything else.
    Other,
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(remote = "contracts::events::EventStatus")]
pub(crate) enum EventStatus {
    /// Seen by members of its organization only.
    Draft,
    /// Seen by everybody.
    Published,
    /// Put off, with no new time yet.
    Postponed,
    /// Called off.
    Cancelled,
    /// Over.
    Completed,
}

/// In which order events are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(remote = "crate::domain::EventSort")]
pub(crate) enum EventSort {
    /// By start, the next one first.
    StartsAt,
    /// By start, the last one first.
    StartsAtDesc,
    /// By title, from A to Z.
    Title,
    /// What was made last first.
    Newest,
    /// What has the words of the query in its title before what has them in its performers or tags before the rest, what has them
    /// with typing errors last, then by start; without a query by start alone.
    Relevance,
    /// The nearest first, then by start; needs a filter that says near what.
    Distance,
    /// What sold most tickets in the last 30 days first, then by start. Tickets that were given back count as well.
    /// Between two pages events may move up or down, so that one is seen twice or passed over.
    Popularity,
}

/// In what a file of a picture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(remote = "crate::domain::ImageFormat")]
pub(crate) enum ImageFormat {
    /// Mostly the smallest; not read by browsers from before 2023.
    Avif,
    /// Nearly as small; read by nearly every browser.
    Webp,
    /// Read by everything.
    Jpeg,
}

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum SectionKind {
    /// Numbered seats in rows.
    Seated,
    /// Places without numbers.
    GeneralAdmission,
}
