//! How an account comes to be trusted: its owner answers Stripe's questions behind a link, and Stripe has second thoughts.

use super::account::{Account, Standing};
use super::link::{Link, Stage};
use crate::ids;
use crate::stripe::charging::Changes;
use crate::stripe::dashboard::Outcome;
use crate::stripe::form::Params;
use crate::stripe::intents::{read_url, required};
use crate::stripe::refused::Refused;
use crate::stripe::unasked::act;
use crate::stripe::{Call, Done};
use crate::world::World;

const CREATE: &[&str] =
    &["account", "collect", "collection_options", "expand", "refresh_url", "return_url", "type"];

/// `POST /v1/account_links`
pub(crate) fn create_link(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(CREATE)?;
    let account = params.text("account")?.ok_or_else(|| required("account"))?;
    let account = call.state.accounts.get(account).ok_or_else(|| Refused::no_such_account(account))?;
    let kind = params.word("type", &["account_onboarding", "account_update"])?;
    kind.ok_or_else(|| required("type"))?;
    let url = |name| read_url(params, name)?.ok_or_else(|| required(name));
    let link = Link {
        token: ids::letters(32),
        account: account.id.clone(),
        refresh_url: url("refresh_url")?,
        return_url: url("return_url")?,
        created_at: call.now,
        stage: Stage::Fresh,
    };
    let mut changes = Changes::new(call);
    changes.link(&link);
    Ok(Done::new(link.to_json(call.public_url), changes))
}

/// What came of following a link.
pub(crate) enum Followed {
    /// It leads to Stripe's questions.
    Opened,
    /// It cannot be opened any more; a new one is to be had there.
    Spent(String),
    /// There is no such link.
    Unknown,
}

/// Somebody follows a link, which nobody can do after them.
pub(crate) fn open(world: &World, token: &str) -> std::io::Result<Followed> {
    act(world, |call| {
        let mut changes = Changes::new(call);
        let Some(mut link) = call.state.links.get(token).cloned() else {
            return (Followed::Unknown, changes);
        };
        if !link.can_be_opened(call.now) {
            return (Followed::Spent(link.refresh_url), changes);
        }
        link.stage = Stage::Opened;
        changes.link(&link);
        (Followed::Opened, changes)
    })
}

/// The owner has answered all of Stripe's questions, or leaves them for later; where they go from there.
pub(crate) fn leave(world: &World, token: &str, answered: bool) -> std::io::Result<Option<String>> {
    act(world, |call| {
        let mut changes = Changes::new(call);
        let Some(mut link) = call.state.links.get(token).cloned() else { return (None, changes) };
        if link.stage != Stage::Opened {
            return (Some(link.refresh_url), changes);
        }
        link.stage = Stage::Done;
        changes.link(&link);
        if answered && let Some(account) = call.state.accounts.get(&link.account).cloned() {
            stand(account, Standing::Active, &mut changes);
        }
        (Some(link.return_url), changes)
    })
}

/// Stripe changes its mind on an account, or its owner tells what was asked without a link.
pub(crate) fn judge(world: &World, id: &str, standing: Standing) -> std::io::Result<Outcome> {
    act(world, |call| {
        let mut changes = Changes::new(call);
        let Some(account) = call.state.accounts.get(id).cloned() else {
            return (Outcome::Unknown, changes);
        };
        if account.standing == standing {
            return (Outcome::Refused("It is so already".to_owned()), changes);
        }
        if account.standing == Standing::New && standing != Standing::Active {
            return (Outcome::Refused("Its owner has not told anything yet".to_owned()), changes);
        }
        stand(account, standing, &mut changes);
        (Outcome::Done(id.to_owned()), changes)
    })
}

fn stand(mut account: Account, standing: Standing, changes: &mut Changes<'_>) {
    if account.standing == standing {
        return;
    }
    account.standing = standing;
    changes.account(&account);
    changes.event_of(&account.id, "account.updated", &account.id, &account.to_json());
}
