use chrono::{DateTime, Utc};
use kernel::Money;

use super::{Show, Stage, at_local_time, stages::House};
use crate::demo::venues;

/// How many tickets one order may have, where nothing else is said.
const MOST_PER_ORDER: u32 = 8;

/// How an event is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// At prices by place.
    Usual,
    /// As usual, and few places are left.
    AlmostSoldOut,
    /// From tomorrow, ten o'clock, on.
    OpensTomorrow,
    /// For nothing.
    Free,
    /// At prices that rise with time.
    TiersByDate,
    /// It was, and is cancelled.
    Cancelled,
}

/// A ticket type, ready to be made.
#[derive(Clone, Debug)]
pub struct PlannedType {
    /// Its name.
    pub name: &'static str,
    /// What one gets.
    pub description: &'static str,
    /// Keys of the layout's sections.
    pub sections: Vec<String>,
    /// What it costs, and when.
    pub tiers: Vec<PlannedTier>,
    /// From when on it is sold.
    pub sales_start: Option<DateTime<Utc>>,
    /// The most that one order may have.
    pub max_per_order: u32,
}

/// A price, for some time or always.
#[derive(Clone, Debug)]
pub struct PlannedTier {
    /// Its name.
    pub name: &'static str,
    /// The price.
    pub price: Money,
    /// From when on.
    pub from: Option<DateTime<Utc>>,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
}

pub(super) fn ticket_types(show: &Show, now: DateTime<Utc>) -> Vec<PlannedType> {
    let sales_start =
        (show.offer == Offer::OpensTomorrow).then(|| at_local_time(show.stage, now, 1, (10, 0)));
    let max_per_order = if show.offer == Offer::OpensTomorrow { 6 } else { MOST_PER_ORDER };
    let places = places(show.stage).into_iter();
    let types = places.map(|place| PlannedType {
        name: place.name,
        description: place.description,
        sections: place.sections,
        tiers: tiers(show, place.percent, now),
        sales_start,
        max_per_order,
    });
    types.collect()
}

struct Place {
    name: &'static str,
    description: &'static str,
    sections: Vec<String>,
    /// Of the usual price.
    percent: i64,
}

fn places(stage: Stage) -> Vec<Place> {
    let place = |name, description, sections, percent| Place { name, description, sections, percent };
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    match stage.house() {
        House::Arena => vec![
            place("Front of stage", "Standing, nearest to the middle, own entrance", keys(&["FRONT"]), 150),
            place("Floor", "Standing", keys(&["FLOOR"]), 100),
            place(
                "Lower tier, side",
                "Seat along the long sides, sections 101 to 124",
                venues::sides(100),
                140,
            ),
            place(
                "Lower tier, end",
                "Seat at the ends and in the corners, sections 101 to 124",
                venues::ends(100),
                110,
            ),
            place(
                "Upper tier, side",
                "Seat along the long sides, sections 201 to 224",
                venues::sides(200),
                75,
            ),
            place(
                "Upper tier, end",
                "Seat at the ends and in the corners, sections 201 to 224",
                venues::ends(200),
                55,
            ),
        ],
        House::Theatre => vec![
            place("Stalls", "Seat on the ground floor", keys(&["STALLS"]), 100),
            place("Circle", "Seat one floor up; the last rows have pillars", keys(&["CIRCLE"]), 70),
            place(
                "Box",
                "Chair in a box for six; the second row sees a part of the stage",
                venues::boxes(),
                120,
            ),
        ],
        House::Club => vec![
            place("Floor", "Standing", keys(&["FLOOR"]), 100),
            place("Gallery", "Standing, one floor up, bar of its own", keys(&["GALLERY"]), 130),
        ],
        House::Cellar => vec![place("Admission", "Standing, sixty people in all", keys(&["VAULT"]), 100)],
    }
}

fn tiers(show: &Show, percent: i64, now: DateTime<Utc>) -> Vec<PlannedTier> {
    let tier = |name, of_price: i64, from, until| PlannedTier {
        name,
        price: price(show, percent * of_price / 100),
        from,
        until,
    };
    if show.offer == Offer::TiersByDate {
        let midnight = |days| at_local_time(show.stage, now, days, (0, 0));
        let (first, second) = (midnight(30), midnight(80));
        vec![
            tier("Early bird", 70, None, Some(first)),
            tier("Regular", 100, Some(first), Some(second)),
            tier("Late", 130, Some(second), None),
        ]
    } else {
        vec![tier("Standard", 100, None, None)]
    }
}

/// So many percent of the usual price, rounded as prices are: to half a unit, to a hundred yen.
fn price(show: &Show, percent: i64) -> Money {
    let currency = show.stage.currency();
    let (per_unit, step) = if currency.decimals() == 0 { (1, 100) } else { (100, 50) };
    let minor = show.price * per_unit * percent / 100;
    Money::new((minor + step / 2) / step * step, currency)
}
