use contracts::events::SectionPlan;
use kernel::{Currency, TimeZone};

use crate::demo::venues;

/// Where events are: a venue with its one seating plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// 20,000 seats in Berlin.
    SpreebogenArena,
    /// A theatre in Vienna.
    DonaukaiTheater,
    /// A vault in Vienna.
    GewoelbeNeun,
    /// A theatre in London.
    AldermanTheatre,
    /// A hall in New York.
    MarlowHall,
    /// A hall in Tokyo.
    KawazoeHall,
    /// A club in Los Angeles.
    BlueAgave,
    /// A club in Lisbon.
    CasaDoCais,
    /// A club in Chicago.
    Foundry,
}

/// A venue's address.
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// Street and number.
    pub street: &'static str,
    /// As it is written there.
    pub postal_code: &'static str,
    /// In English.
    pub city: &'static str,
    /// State, where addresses name it.
    pub region: Option<&'static str>,
    /// ISO 3166, two letters.
    pub country: &'static str,
    /// Degrees north and east.
    pub location: (f64, f64),
}

/// The shape of a house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum House {
    /// Two tiers around a floor.
    Arena,
    /// Stalls, circle, boxes.
    Theatre,
    /// A floor and a gallery to stand.
    Club,
    /// One small room to stand.
    Cellar,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::SpreebogenArena,
        Self::DonaukaiTheater,
        Self::GewoelbeNeun,
        Self::AldermanTheatre,
        Self::MarlowHall,
        Self::KawazoeHall,
        Self::BlueAgave,
        Self::CasaDoCais,
        Self::Foundry,
    ];

    /// The venue's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SpreebogenArena => "Spreebogen Arena",
            Self::DonaukaiTheater => "Theater am Donaukai",
            Self::GewoelbeNeun => "Gewölbe Neun",
            Self::AldermanTheatre => "The Alderman Theatre",
            Self::MarlowHall => "Marlow Hall",
            Self::KawazoeHall => "Kawazoe Hall",
            Self::BlueAgave => "The Blue Agave",
            Self::CasaDoCais => "Casa do Cais",
            Self::Foundry => "The Foundry",
        }
    }

    /// Its shape.
    pub fn house(self) -> House {
        match self {
            Self::SpreebogenArena => House::Arena,
            Self::DonaukaiTheater | Self::AldermanTheatre | Self::MarlowHall | Self::KawazoeHall => {
                House::Theatre
            }
            Self::BlueAgave | Self::CasaDoCais | Self::Foundry => House::Club,
            Self::GewoelbeNeun => House::Cellar,
        }
    }

    /// What its seating plan is called.
    pub fn layout_name(self) -> &'static str {
        match self.house() {
            House::Arena => "Centre stage, floor standing",
            House::Theatre => "Stalls, circle and boxes",
            House::Club | House::Cellar => "All standing",
        }
    }

    /// Its seating plan.
    pub fn sections(self) -> Vec<SectionPlan> {
        match self.house() {
            House::Arena => venues::arena(),
            House::Theatre => venues::theatre(),
            House::Club => venues::club(),
            House::Cellar => venues::cellar(),
        }
    }

    /// What everybody looks at, on its seating plan; none where all stand.
    pub fn focal_point(self) -> Option<(f32, f32)> {
        match self.house() {
            House::Arena => Some(venues::arena_stage()),
            House::Theatre => Some(venues::THEATRE_STAGE),
            House::Club | House::Cellar => None,
        }
    }

    /// Where it stands; streets are made up.
    pub fn address(self) -> Address {
        let at = |street, postal_code, city, country, location| Address {
            street,
            postal_code,
            city,
            region: match city {
                "New York" => Some("NY"),
                "Los Angeles" => Some("CA"),
                "Chicago" => Some("IL"),
                _ => None,
            },
            country,
            location,
        };
        match self {
            Self::SpreebogenArena => at("Kranuferstraße 1", "10243", "Berlin", "DE", (52.506, 13.443)),
            Self::DonaukaiTheater => at("Donaukaigasse 14", "1020", "Vienna", "AT", (48.2135, 16.384)),
            Self::GewoelbeNeun => at("Fassziehergrund 9", "1070", "Vienna", "AT", (48.204, 16.354)),
            Self::AldermanTheatre => at("7 Alderman’s Court", "WC2E 9ZZ", "London", "GB", (51.512, -0.122)),
            Self::MarlowHall => at("412 Marlow Street", "10036", "New York", "US", (40.759, -73.988)),
            Self::KawazoeHall => at("3-8-1 Kawazoe, Shibuya-ku", "150-0099", "Tokyo", "JP", (35.661, 139.7)),
            Self::BlueAgave => {
                at("2290 Agave Canyon Drive", "90026", "Los Angeles", "US", (34.078, -118.261))
            }
            Self::CasaDoCais => at("Cais da Ribeira Velha 21", "1200-999", "Lisbon", "PT", (38.706, -9.149)),
            Self::Foundry => at("1888 West Smelter Avenue", "60608", "Chicago", "US", (41.852, -87.673)),
        }
    }

    /// Its city, in English.
    pub fn city(self) -> &'static str {
        self.address().city
    }

    /// Its zone.
    pub fn timezone(self) -> TimeZone {
        let name = match self.city() {
            "Berlin" => "Europe/Berlin",
            "Vienna" => "Europe/Vienna",
            "London" => "Europe/London",
            "New York" => "America/New_York",
            "Tokyo" => "Asia/Tokyo",
            "Los Angeles" => "America/Los_Angeles",
            "Lisbon" => "Europe/Lisbon",
            _ => "America/Chicago",
        };
        TimeZone::parse("timezone", name).expect("the zones written down here exist")
    }

    /// In what one pays there.
    pub fn currency(self) -> Currency {
        match self.address().country {
            "GB" => Currency::GBP,
            "US" => Currency::USD,
            "JP" => Currency::JPY,
            _ => Currency::EUR,
        }
    }
}
