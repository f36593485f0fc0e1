use kernel::{Fault, Refusal, Result, UserId, line, together};

use crate::domain::{
    Users,
    entities::{Founding, Organization, Slug},
    ports::OrganizationView,
    reasons,
};

/// How often a made-up slug is numbered before random numbers end the search: who founds the hundredth of a name neither asks
/// a hundred times nor waits in line with others who found one of that name.
const NUMBERED: u32 = 3;

/// What somebody tells to found an organization.
#[derive(Clone, Debug)]
pub struct CreateOrganization {
    /// Who founds it, and owns it.
    pub founder: UserId,
    /// Its name.
    pub name: String,
    /// Its name in addresses; made of the name when left out.
    pub slug: Option<String>,
    /// The same key with the same input gives the same organization, for seven days.
    pub idempotency_key: Option<String>,
}

impl Users {
    /// Founds an organization. A slug that was asked for must be free; one that was not is numbered
    /// until it is.
    #[tracing::instrument(skip_all)]
    pub async fn create_organization(&self, ask: CreateOrganization) -> Result<OrganizationView> {
        let (name, slug, idempotency_key) = together((
            line("name", &ask.name, 100),
            ask.slug.as_deref().map(|slug| Slug::parse("slug", slug)).transpose(),
            ask.idempotency_key.as_deref().map(kernel::idempotency_key).transpose(),
        ))?;
        let asked = format!("{name}\n{}", slug.as_ref().map_or("", Slug::as_str));
        let founding = Founding { founder: ask.founder, idempotency_key, asked };
        let now = self.clock.now();

        let mut tx = self.store.begin().await?;
        tx.account(ask.founder).await?.ok_or_else(Refusal::unauthenticated)?.require_registered()?;
        for attempt in 1..=NUMBERED + 7 {
            if let Some(key) = &founding.idempotency_key
                && let Some(before) = tx.organization_founded(founding.founder, key).await?
            {
                if before.keeps_key(now) {
                    return same(&before, &founding).map_err(Into::into);
                }
                tx.release_key(before.state().id).await?;
            }
            let number =
                if attempt <= NUMBERED { attempt } else { rand::random_range(NUMBERED + 1..1_000_000) };
            let free = slug.clone().unwrap_or_else(|| Slug::of_name(&name, number));
            let mut organization = Organization::found(name.clone(), free, founding.clone(), now);
            if tx.add_organization(&mut organization).await? {
                tx.commit().await?;
                return Ok((&organization).into());
            }
            // With a key, the same ask may have come in between: it is looked for once more.
            if let Some(slug) = &slug
                && (founding.idempotency_key.is_none() || attempt > 1)
            {
                return Err(taken(slug));
            }
        }
        Err(Fault::broken_rule(format!("no slug is free for {name}")).into())
    }
}

fn same(before: &Organization, founding: &Founding) -> Result<OrganizationView, Refusal> {
    if before.state().founding.asked == founding.asked {
        Ok(before.into())
    } else {
        Err(Refusal::new(
            kernel::reasons::SAME_KEY_OTHER_INPUT,
            "This idempotency key was used for another organization. Use a new key for a new ask.",
        ))
    }
}

fn taken(slug: &Slug) -> kernel::Error {
    let message = format!("Another organization has the slug {}. Choose another one.", slug.as_str());
    Refusal::new(reasons::SLUG_TAKEN, message).with("field", "slug").into()
}
