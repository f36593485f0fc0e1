use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Money {
    /// How much, in whole units with as many decimals as the currency has: "49.50", or "1200" for yen.
    #[schema(example = "49.50", pattern = r"^-?[0-9]+(\.[0-9]+)?$")]
    pub amount: String,
    /// In which currency, of ISO 4217.
    #[schema(example = "EUR", pattern = "^[A-Z]{3}$")]
    pub currency: String,
}

impl From<kernel::Money> for Money {
    fn from(money: kernel::Money) -> Self {
        Self { amount: money.decimal(), currency: money.currency.code().to_owned() }
    }
}

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many items, 1 to 100; 20 when left out.
    #[param(minimum = 1, maximum = 100, example = 20)]
    pub first: Option<i32>,
    /// After which item: `pageInfo.endCursor` of the page before.
    pub after: Option<String>,
}

/// Where a page stands in its list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    /// True when more items follow.
    pub has_next_page: bool,
    /// The place after the page's last item, to be sent as `after`; null when the page is empty.
    pub end_cursor: Option<String>,
}

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// How many the whole list has.
    #[schema(minimum = 0)]
    pub total_count: u64,
    /// Where the page stands.
    pub page_info: PageInfo,
}

impl<T> From<kernel::Page<T>> for Page<T> {
    fn from(page: kernel::Page<T>) -> Self {
        let end_cursor = page.items.last().map(|(cursor, _)| cursor.encode());
        Self {
            items: page.items.into_iter().map(|(_, item)| item).collect(),
            total_count: page.total,
            page_info: PageInfo { has_next_page: page.has_next, end_cursor },
        }
    }
}
