use async_graphql::{
    InputObject, InputValueError, InputValueResult, OutputType, Scalar, ScalarType, SimpleObject, Value,
    connection::{Connection, Edge, EmptyFields},
};
use kernel::{Page, Refusal};

/// The most characters of a number that is read.
pub(super) const LONGEST_DECIMAL: usize = 40;

/// A decimal number as text, such as "49.50"; never a float.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal(pub String);

/// A decimal number as text, such as "49.50"; never a float.
#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) if text.len() <= LONGEST_DECIMAL => Ok(Self(text)),
            Value::String(_) => Err(InputValueError::custom("is too long a number")),
            _ => Err(InputValueError::custom("must be a number as text, such as \"49.50\", in quotes")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// An address by the URL standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url(pub String);

/// An address by the URL standard.
#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A currency of ISO 4217, such as EUR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrencyCode(pub String);

/// A currency of ISO 4217, such as EUR.
#[Scalar]
impl ScalarType for CurrencyCode {
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

impl From<kernel::Currency> for CurrencyCode {
    fn from(currency: kernel::Currency) -> Self {
        Self(currency.code().to_owned())
    }
}

impl CurrencyCode {
    /// The currency a client named in `field`.
    pub fn read(&self, field: &str) -> Result<kernel::Currency, Refusal> {
        kernel::Currency::parse(field, &self.0)
    }
}

/// An amount of money.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(shareable)]
pub struct Money {
    /// How much, in whole units with as many decimals as the currency has: "49.50", or "1200" for yen.
    pub amount: Decimal,
    /// In which currency.
    pub currency: CurrencyCode,
}

impl From<kernel::Money> for Money {
    fn from(money: kernel::Money) -> Self {
        Self { amount: Decimal(money.decimal()), currency: money.currency.into() }
    }
}

/// An amount of money.
#[derive(Clone, Debug, InputObject)]
pub struct MoneyInput {
    /// How much, in whole units: "49.50".
    pub amount: Decimal,
    /// In which currency.
    pub currency: CurrencyCode,
}

impl MoneyInput {
    /// The amount a client stated in `field`: not negative, with no more decimals than the currency has.
    pub fn read(&self, field: &str) -> Result<kernel::Money, Refusal> {
        kernel::Money::parse(field, &self.amount.0, self.currency.read(field)?)
    }
}

/// What every connection tells besides its edges.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(shareable)]
pub struct TotalCount {
    /// How many items the whole list has.
    pub total_count: u64,
}

/// A list in pages, after Relay's convention.
pub type ConnectionOf<T> = Connection<String, T, TotalCount>;

/// A page as a connection.
pub fn connection<T: OutputType>(page: Page<T>, from_start: bool) -> ConnectionOf<T> {
    let mut connection = Connection::with_additional_fields(
        !from_start,
        page.has_next,
        TotalCount { total_count: page.total },
    );
    connection.edges = page
        .items
        .into_iter()
        .map(|(cursor, node)| Edge::<_, _, EmptyFields>::new(cursor.encode(), node))
        .collect();
    connection
}
