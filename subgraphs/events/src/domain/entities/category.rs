//! What kind of event.

use serde::{Deserialize, Serialize};

/// What kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Category {
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

impl Category {
    /// Every category.
    pub const ALL: [Self; 12] = [
        Self::Music,
        Self::Classical,
        Self::Theatre,
        Self::Dance,
        Self::Comedy,
        Self::Sports,
        Self::Family,
        Self::Conference,
        Self::Festival,
        Self::Nightlife,
        Self::Exhibition,
        Self::Other,
    ];

    /// As columns keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Music => "MUSIC",
            Self::Classical => "CLASSICAL",
            Self::Theatre => "THEATRE",
            Self::Dance => "DANCE",
            Self::Comedy => "COMEDY",
            Self::Sports => "SPORTS",
            Self::Family => "FAMILY",
            Self::Conference => "CONFERENCE",
            Self::Festival => "FESTIVAL",
            Self::Nightlife => "NIGHTLIFE",
            Self::Exhibition => "EXHIBITION",
            Self::Other => "OTHER",
        }
    }

    /// What a column says.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == name)
    }
}
