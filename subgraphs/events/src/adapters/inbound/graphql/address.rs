//! Where venues are.

use async_graphql::{
    InputObject, InputValueError, InputValueResult, Object, Scalar, ScalarType, SimpleObject, Value,
};
use printing::Language;

use crate::domain;

/// A country, by its two letters of ISO 3166-1, such as AT.
pub(crate) struct CountryCode(String);

/// A country, by its two letters of ISO 3166-1, such as AT.
#[Scalar(specified_by_url = "https://www.iso.org/iso-3166-country-codes.html")]
impl ScalarType for CountryCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            // Which ones there are is the domain's to say, naming the field.
            Value::String(code) => Ok(Self(code.chars().take(8).collect())),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A postal address.
pub(crate) struct Address(pub(super) domain::Address);

/// A postal address.
#[Object]
impl Address {
    /// Street and number, where there are any.
    async fn street(&self) -> Option<&str> {
        self.0.street()
    }

    /// Postal code, where there are any.
    async fn postal_code(&self) -> Option<&str> {
        self.0.postal_code.as_deref()
    }

    /// City.
    async fn city(&self) -> &str {
        &self.0.city
    }

    /// State or province, where addresses name it.
    async fn region(&self) -> Option<&str> {
        self.0.region.as_deref()
    }

    /// Its country.
    async fn country_code(&self) -> CountryCode {
        CountryCode(self.0.country.clone())
    }

    /// Lines in the country's own order, as on an envelope. A region is among them where the country's addresses name it.
    async fn formatted(
        &self,
        #[graphql(
            desc = "True: the last line is the country's name. False: it is left out.",
            default_with = "Some(true)"
        )]
        include_country: Option<bool>,
        #[graphql(
            desc = "In which language the country's name is, by a tag such as `de-AT`. English where it is left out, and where \
                    the language is not written here."
        )]
        locale: Option<String>,
    ) -> Vec<String> {
        let language = locale.as_deref().map(Language::of).unwrap_or_default();
        self.0.formatted(include_country.unwrap_or(true).then_some(language))
    }
}

/// A postal address.
#[derive(InputObject)]
pub(crate) struct AddressInput {
    /// Street and number, up to 200 characters, where there are any.
    street: Option<String>,
    /// Postal code, up to 20 characters, where there are any.
    postal_code: Option<String>,
    /// City, up to 100 characters.
    city: String,
    /// State or province, up to 100 characters, where addresses name it.
    region: Option<String>,
    /// Its country.
    country_code: CountryCode,
}

impl From<AddressInput> for domain::Address {
    fn from(sent: AddressInput) -> Self {
        Self {
            street: sent.street.unwrap_or_default(),
            postal_code: sent.postal_code,
            city: sent.city,
            region: sent.region,
            country: sent.country_code.0,
        }
    }
}

/// A place on the globe, in degrees.
#[derive(SimpleObject)]
pub(crate) struct GeoPoint {
    /// Latitude, north positive.
    lat: f64,
    /// Longitude, east positive.
    lon: f64,
}

impl From<domain::GeoPoint> for GeoPoint {
    fn from(domain::GeoPoint { lat, lon }: domain::GeoPoint) -> Self {
        Self { lat, lon }
    }
}

/// A place on the globe, in degrees.
#[derive(InputObject)]
pub(crate) struct GeoPointInput {
    /// Latitude, -90 to 90, north positive.
    lat: f64,
    /// Longitude, -180 to 180, east positive.
    lon: f64,
}

impl From<GeoPointInput> for domain::GeoPoint {
    fn from(GeoPointInput { lat, lon }: GeoPointInput) -> Self {
        Self { lat, lon }
    }
}
