//! Clubs: everybody stands.

use contracts::events::SectionPlan;

use super::standing;

/// A dance floor and a gallery around it.
pub fn club() -> Vec<SectionPlan> {
    vec![standing("FLOOR", "Floor", 550), standing("GALLERY", "Gallery", 130)]
}

/// A vault under a street, so small that it is sold out soon.
pub fn cellar() -> Vec<SectionPlan> {
    vec![standing("VAULT", "The vault", 60)]
}
