//! Where a venue is.

use kernel::{Refusal, each, line, optional_line, together};
use printing::{Language, country_name, is_country};
use serde::{Deserialize, Serialize};

use super::address_form::Parts;

/// A postal address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Street and number; empty where there are none.
    pub street: String,
    /// Postal code, where there are any.
    pub postal_code: Option<String>,
    /// City.
    pub city: String,
    /// State or province, where addresses name it.
    pub region: Option<String>,
    /// Country, by its two letters of ISO 3166-1.
    pub country: String,
}

impl Address {
    /// The address with its texts in order, or what is wrong with it.
    pub fn checked(self) -> Result<Self, Refusal> {
        let country = Some(self.country).filter(|code| is_country(code)).ok_or_else(|| {
            let right = "must be a country code of ISO 3166-1, such as AT or JP";
            Refusal::bad_input("address.countryCode", right).because(kernel::reasons::UNKNOWN)
        });
        let (country, street, postal_code, city, region) = together((
            country,
            optional_line("address.street", Some(&self.street), 200),
            optional_line("address.postalCode", self.postal_code.as_deref(), 20),
            line("address.city", &self.city, 100),
            optional_line("address.region", self.region.as_deref(), 100),
        ))?;
        Ok(Self { street: street.unwrap_or_default(), postal_code, city, region, country })
    }

    /// Street and number, where there are any.
    pub fn street(&self) -> Option<&str> {
        Some(self.street.as_str()).filter(|street| !street.is_empty())
    }

    /// Its lines as the country writes them; the last one is the country's name in a language, where it is wanted.
    pub fn formatted(&self, country_in: Option<Language>) -> Vec<String> {
        let parts = Parts {
            street: self.street(),
            city: &self.city,
            region: self.region.as_deref(),
            postal_code: self.postal_code.as_deref(),
        };
        let mut lines = parts.lines(&self.country);
        lines.extend(country_in.and_then(|words| country_name(&self.country, words)).map(str::to_owned));
        lines
    }

    /// Its lines as other services are told them: the last one is the country's code.
    pub fn told(&self) -> String {
        let mut lines = self.formatted(None);
        lines.push(self.country.clone());
        lines.join("\n")
    }
}

/// How far its surface is from its middle.
pub(crate) const EARTH_KM: f64 = 6_371.0;

/// A place on the globe, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GeoPoint {
    /// Latitude, -90 to 90, north positive.
    pub lat: f64,
    /// Longitude, -180 to 180, east positive.
    pub lon: f64,
}

impl GeoPoint {
    /// The point itself, or what is wrong with it. `place` is what stands before `lat` and `lon` where it came from, such as
    /// `location.`, if anything.
    pub fn checked(self, place: &str) -> Result<Self, Refusal> {
        each([("lat", self.lat, 90.0), ("lon", self.lon, 180.0)].map(|(name, degrees, most)| {
            if (-most..=most).contains(&degrees) {
                return Ok(());
            }
            Err(Refusal::bad_input(&format!("{place}{name}"), format!("must be from -{most} to {most}"))
                .because(kernel::reasons::OUT_OF_RANGE))
        }))?;
        Ok(self)
    }

    /// The point on a sphere of radius one: the cosine of the angle between two is their product.
    pub fn unit(self) -> [f64; 3] {
        let (lat, lon) = (self.lat.to_radians(), self.lon.to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    }

    /// How far another point is, in kilometres as the crow flies, to the metre.
    pub fn km_to(self, other: Self) -> f64 {
        let squares = self.unit().into_iter().zip(other.unit()).map(|(a, b)| (a - b) * (a - b));
        let chord = squares.sum::<f64>().sqrt();
        let km = 2.0 * EARTH_KM * (chord / 2.0).min(1.0).asin();
        (km * 1_000.0).round() / 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(street: &str) -> Address {
        Address {
            street: street.to_owned(),
            postal_code: Some("10001".to_owned()),
            city: "New York".to_owned(),
            region: Some("NY".to_owned()),
            country: "US".to_owned(),
        }
    }

    #[test]
    fn an_address_reads_as_on_an_envelope() {
        let address = address("1 Main St");
        let (english, german) = (Language::English, Language::German);
        assert_eq!(address.formatted(Some(english)), ["1 Main St", "New York, NY 10001", "United States"]);
        assert_eq!(address.formatted(Some(german))[2], "Vereinigte Staaten");
        assert_eq!(address.formatted(None), ["1 Main St", "New York, NY 10001"]);
        assert_eq!(address.told(), "1 Main St\nNew York, NY 10001\nUS");
        let lines = address.formatted(Some(german)).join("\n");
        assert_eq!(printing::address_lines(&address.told(), german), lines);
    }

    #[test]
    fn an_address_may_be_without_a_street() {
        let address = address(" ").checked().unwrap();
        assert_eq!(address.street(), None);
        assert_eq!(address.told(), "New York, NY 10001\nUS");
    }

    #[test]
    fn places_off_the_globe_are_refused() {
        for (lat, lon, field) in [
            (90.1, 0.0, "near.lat"),
            (f64::NAN, 0.0, "near.lat"),
            (0.0, -180.5, "near.lon"),
            (0.0, f64::INFINITY, "near.lon"),
        ] {
            assert_eq!(GeoPoint { lat, lon }.checked("near.").unwrap_err().details["field"], field);
        }
    }
}
