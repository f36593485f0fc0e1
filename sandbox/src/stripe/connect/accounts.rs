//! Connected accounts: create, look up, list, change.

use std::collections::{BTreeMap, BTreeSet};

use super::account::{Account, Standing};
use crate::ids;
use crate::stripe::charging::Changes;
use crate::stripe::form::Params;
use crate::stripe::refused::Refused;
use crate::stripe::{Call, Done, listing, money};

const CREATE: &[&str] = &[
    "business_profile",
    "business_type",
    "capabilities",
    "controller",
    "country",
    "default_currency",
    "email",
    "expand",
    "metadata",
    "settings",
    "type",
];
const UPDATE: &[&str] =
    &["business_profile", "business_type", "capabilities", "email", "expand", "metadata", "settings"];
const CAPABILITIES: &[&str] = &["card_payments", "transfers"];
const PROFILE: &[&str] = &["mcc", "name", "product_description", "support_email", "url"];
const BUSINESS_TYPES: &[&str] = &["company", "government_entity", "individual", "non_profit"];
const INTERVALS: &[&str] = &["daily", "manual", "monthly", "weekly"];
const CONTROLLER: &[(&str, &[&str])] = &[
    ("fees][payer", &["account", "application"]),
    ("losses][payments", &["application", "stripe"]),
    ("requirement_collection", &["application", "stripe"]),
    ("stripe_dashboard][type", &["express", "full", "none"]),
];
/// Where the platform itself is.
const HOME: &str = "DE";
const EURO: &[&str] = &[
    "AT", "BE", "BG", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "IE", "IT", "LT", "LU", "LV", "MT",
    "NL", "PT", "SI", "SK",
];
/// What is paid with in some other countries.
const CURRENCIES: &[(&str, &str)] = &[
    ("AU", "aud"),
    ("CA", "cad"),
    ("CH", "chf"),
    ("CZ", "czk"),
    ("DK", "dkk"),
    ("GB", "gbp"),
    ("HU", "huf"),
    ("JP", "jpy"),
    ("NO", "nok"),
    ("PL", "pln"),
    ("SE", "sek"),
];

/// `POST /v1/accounts`
pub(crate) fn create(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(CREATE)?;
    let kind = params.word("type", &["custom", "express", "standard"])?;
    let controller = read_controller(params)?;
    if kind.is_some() && !controller.is_empty() {
        return Err(
            Refused::invalid("You may only specify one of these parameters: type, controller.").param("type")
        );
    }
    let country = read_country(params)?;
    let default_currency = match params.text("default_currency")? {
        Some(given) => money::known_currency(given)?,
        None => currency_of(&country),
    };
    let mut account = Account {
        id: ids::fresh("acct"),
        // Stripe says none of an account that is described by its controller.
        kind: kind.unwrap_or_else(|| if controller.is_empty() { "standard" } else { "none" }.to_owned()),
        controller,
        country,
        default_currency,
        email: None,
        business_type: None,
        business_profile: BTreeMap::new(),
        metadata: BTreeMap::new(),
        requested: BTreeSet::new(),
        interval: "daily".to_owned(),
        created_at: call.now,
        standing: Standing::New,
    };
    read_details(&mut account, params)?;
    let mut changes = Changes::new(call);
    changes.account(&account);
    Ok(Done::new(account.to_json(), changes))
}

/// `POST /v1/accounts/{id}`
pub(crate) fn update(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(UPDATE)?;
    let mut account = find(call, id)?;
    read_details(&mut account, params)?;
    let mut changes = Changes::new(call);
    changes.account(&account);
    changes.event_of(id, "account.updated", id, &account.to_json());
    Ok(Done::new(account.to_json(), changes))
}

/// `GET /v1/accounts/{id}`
pub(crate) fn retrieve(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(&[])?;
    Ok(Done::new(find(call, id)?.to_json(), Changes::new(call)))
}

/// `GET /v1/accounts`
pub(crate) fn list(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(listing::PARAMS)?;
    let all = call.state.accounts.newest_first();
    let all = all.filter(|account| call.account.is_none_or(|acting| acting == account.id));
    let page = listing::page(params, "/v1/accounts", all, |account| &account.id, Account::to_json)?;
    Ok(Done::new(page, Changes::new(call)))
}

/// A platform sees its own accounts, and an account that acts sees itself.
fn find(call: &Call<'_>, id: &str) -> Result<Account, Refused> {
    let known = call.state.accounts.get(id).filter(|_| call.account.is_none_or(|acting| acting == id));
    known.cloned().ok_or_else(|| Refused::no_such_account(id))
}

/// What may be given at the beginning and changed later; what is not given stays.
fn read_details(account: &mut Account, params: &Params) -> Result<(), Refused> {
    if let Some(email) = params.short_text("email", 512)? {
        account.email = Some(email);
    }
    if let Some(business_type) = params.word("business_type", BUSINESS_TYPES)? {
        account.business_type = Some(business_type);
    }
    for name in PROFILE {
        if let Some(text) = params.short_text(&format!("business_profile[{name}]"), 5_000)? {
            account.business_profile.insert((*name).to_owned(), text);
        }
    }
    account.metadata.extend(params.metadata("metadata")?);
    for capability in CAPABILITIES {
        match params.boolean(&format!("capabilities[{capability}][requested]"))? {
            Some(true) => drop(account.requested.insert((*capability).to_owned())),
            Some(false) => drop(account.requested.remove(*capability)),
            None => (),
        }
    }
    if let Some(interval) = params.word("settings[payouts][schedule][interval]", INTERVALS)? {
        account.interval = interval;
    }
    Ok(())
}

fn read_controller(params: &Params) -> Result<BTreeMap<String, String>, Refused> {
    let mut controller = BTreeMap::new();
    for (name, words) in CONTROLLER {
        if let Some(word) = params.word(&format!("controller[{name}]"), words)? {
            controller.insert((*name).to_owned(), word);
        }
    }
    Ok(controller)
}

fn read_country(params: &Params) -> Result<String, Refused> {
    let given = params.text("country")?.unwrap_or(HOME);
    if given.len() == 2 && given.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Ok(given.to_owned());
    }
    Err(Refused::invalid(format!("Country '{given}' is unknown. Try using a 2-character alphanumeric country code instead, such as 'US', 'EG', or 'GB'."))
        .code("country_unsupported")
        .param("country"))
}

/// What is paid with there.
fn currency_of(country: &str) -> String {
    let other =
        || CURRENCIES.iter().find(|(known, _)| *known == country).map_or("usd", |(_, currency)| currency);
    if EURO.contains(&country) { "eur" } else { other() }.to_owned()
}
