//! Loads the demonstration through the services' own use cases, as organizers and buyers would.

use std::{collections::HashMap, time::Duration};

use anyhow::Context as _;
use contracts::{
    settings::{EventTerms, RefundPolicy, RefundRule},
    users::Role,
};
use events::domain::{
    Address, Category as EventCategory, EventDetails, GeoPoint,
    use_cases::{CreateEvent, CreateVenue, DefineLayout},
};
use futures::{StreamExt as _, TryStreamExt as _, future::try_join_all, stream};
use kernel::{EventId, LayoutId, OrganizationId, Rate, UserId, VenueId};
use tickets::domain::{entities::NewTier, use_cases::CreateTicketType};
use users::{CreateOrganization, InviteMember, Register};

use super::{
    UseCases,
    accounts::{self, Account},
    posters,
    programme::{Category, Offer, Planned, PlannedTier, PlannedType, Stage, programme},
    sales,
};
use crate::embedded::{self, Hosted};

/// How long messages may take from one service to the others.
const HEARD_WITHIN: Duration = Duration::from_mins(1);
/// How many events are made at once.
const AT_ONCE: usize = 8;

/// Loads everything. The store must be empty: nothing here looks at what is there.
pub(crate) async fn load(to: &UseCases, services: &[Hosted]) -> anyhow::Result<()> {
    let began = std::time::Instant::now();
    let people = register(to).await?;
    let organizer = people[accounts::ORGANIZER.email];
    let organization = found_organization(to, organizer).await?;
    embedded::at_rest(services, HEARD_WITHIN).await?;
    let houses = build_houses(to, organizer, organization).await?;
    // Inventories are opened with seating plans that the other services know.
    embedded::at_rest(services, HEARD_WITHIN).await?;
    let programme = programme(to.clock.now());
    let making = |planned| make_event(to, organizer, organization, &houses, planned);
    let made: Vec<(&Planned, EventId)> =
        each(&programme.iter().collect::<Vec<_>>(), |planned| making(planned)).await?;
    embedded::at_rest(services, HEARD_WITHIN).await?;
    each(&made, |made| make_ticket_types(to, organizer, *made)).await?;
    each(&made, |made| publish(to, organizer, *made)).await?;
    embedded::at_rest(services, HEARD_WITHIN).await?;
    trade(to, organizer, people[accounts::REGULAR.email], &made).await?;
    posters::hang(to, organizer, organization, &houses, &made).await?;
    embedded::at_rest(services, HEARD_WITHIN).await?;
    tracing::info!(events = made.len(), took = ?began.elapsed(), "the demonstration is loaded");
    Ok(())
}

/// What was bought and what went back before anybody came.
async fn trade(
    to: &UseCases,
    organizer: UserId,
    regular: UserId,
    made: &[(&Planned, EventId)],
) -> anyhow::Result<()> {
    for (planned, event) in made {
        match planned.offer {
            Offer::AlmostSoldOut => {
                let orders = sales::sell_almost_all(to, regular, *event).await.context("selling tickets")?;
                let last = orders.last().context("there are orders")?;
                sales::give_two_back(to, organizer, *last).await?;
            }
            Offer::Cancelled => {
                let orders = sales::sell_some_seats(to, regular, *event).await.context("selling seats")?;
                let reason = "The leading actor has been taken ill.";
                to.events.cancel_event(organizer, *event, reason).await?;
                sales::all_is_back(to, orders).await.context("giving everybody their money back")?;
            }
            Offer::Usual | Offer::OpensTomorrow | Offer::Free | Offer::TiersByDate => {}
        }
    }
    Ok(())
}

/// Does something with each, several at once.
async fn each<T, R, F>(all: &[T], what: impl Fn(&T) -> F) -> anyhow::Result<Vec<R>>
where
    F: Future<Output = anyhow::Result<R>>,
{
    stream::iter(all.iter().map(what)).buffered(AT_ONCE).try_collect().await
}

async fn register(to: &UseCases) -> anyhow::Result<HashMap<&'static str, UserId>> {
    let all = accounts::SHOWN.iter().chain([&accounts::REGULAR]);
    let registered = try_join_all(all.map(|account: &Account| async move {
        let opened = to
            .users
            .open_account(Register {
                email: account.email.to_owned(),
                password: accounts::PASSWORD.to_owned(),
                name: account.name.to_owned(),
                locale: None,
                timezone: Some(account.timezone.to_owned()),
                ..Register::default()
            })
            .await
            .with_context(|| format!("registering {}", account.email))?;
        anyhow::Ok((account.email, opened))
    }));
    Ok(registered.await?.into_iter().collect())
}

async fn found_organization(to: &UseCases, organizer: UserId) -> anyhow::Result<OrganizationId> {
    let founded = to
        .users
        .create_organization(CreateOrganization {
            founder: organizer,
            name: "Wavecrest Presents".to_owned(),
            slug: None,
            idempotency_key: None,
        })
        .await?;
    to.users
        .enrol(InviteMember {
            by: organizer,
            organization: founded.id,
            email: accounts::SCANNER.email.to_owned(),
            role: Role::Scanner,
        })
        .await?;
    Ok(founded.id)
}

/// Each stage's venue and layout.
pub(super) type Houses = HashMap<Stage, (VenueId, LayoutId)>;

async fn build_houses(
    to: &UseCases,
    organizer: UserId,
    organization_id: OrganizationId,
) -> anyhow::Result<Houses> {
    let built = try_join_all(Stage::ALL.map(|stage| async move {
        let at = stage.address();
        let ask = CreateVenue {
            organization_id,
            name: stage.name().to_owned(),
            address: Address {
                street: at.street.to_owned(),
                postal_code: Some(at.postal_code.to_owned()),
                city: at.city.to_owned(),
                region: at.region.map(str::to_owned),
                country: at.country.to_owned(),
            },
            location: Some(GeoPoint { lat: at.location.0, lon: at.location.1 }),
            timezone: stage.timezone(),
            idempotency_key: None,
        };
        let venue = to.events.create_venue(organizer, ask).await?;
        let plan = DefineLayout {
            venue_id: venue.id(),
            name: stage.layout_name().to_owned(),
            sections: stage.sections(),
            drawing: events::domain::Drawing {
                focal_point: stage.focal_point().map(Into::into),
                ..Default::default()
            },
            idempotency_key: None,
        };
        let layout = to.events.define_layout(organizer, plan).await?;
        anyhow::Ok((stage, (venue.id(), layout.id)))
    }));
    Ok(built.await?.into_iter().collect())
}

async fn make_event<'p>(
    to: &UseCases,
    organizer: UserId,
    organization_id: OrganizationId,
    houses: &Houses,
    planned: &'p Planned,
) -> anyhow::Result<(&'p Planned, EventId)> {
    let (venue_id, layout_id) = houses[&planned.stage];
    let details = EventDetails {
        title: planned.title.to_owned(),
        description: planned.description.to_owned(),
        category: category(planned.category),
        tags: planned.tags.iter().map(|tag| (*tag).to_owned()).collect(),
        performers: planned.performers.iter().map(|name| (*name).to_owned()).collect(),
        starts_at: planned.starts_at,
        ends_at: planned.ends_at,
        doors_at: Some(planned.doors_at),
        currency: planned.stage.currency(),
        image_url: None,
        shows_stock: true,
        terms: gives_most_back(),
    };
    let ask =
        CreateEvent { organization_id, venue_id, layout_id: Some(layout_id), details, idempotency_key: None };
    let made = to.events.create_event(organizer, ask).await;
    let made = made.with_context(|| format!("making “{}”", planned.title))?;
    Ok((planned, made.event.id()))
}

/// What buyers get back who return a ticket themselves: most of it, until a day before.
fn gives_most_back() -> EventTerms {
    let rule = RefundRule { hours_before_start: 24, percent: Rate::percent(80) };
    EventTerms {
        refund_policy: Some(RefundPolicy { rules: vec![rule], fees_kept: false }),
        ..EventTerms::default()
    }
}

async fn make_ticket_types(
    to: &UseCases,
    organizer: UserId,
    (planned, event): (&Planned, EventId),
) -> anyhow::Result<()> {
    for ticket_type in &planned.ticket_types {
        let made = to.tickets.create_ticket_type(create_ticket_type(organizer, event, ticket_type)).await;
        made.with_context(|| format!("ticket type {} of “{}”", ticket_type.name, planned.title))?;
    }
    Ok(())
}

async fn publish(
    to: &UseCases,
    organizer: UserId,
    (planned, event): (&Planned, EventId),
) -> anyhow::Result<()> {
    let published = to.events.publish_event(organizer, event).await;
    published.with_context(|| format!("publishing “{}”", planned.title))?;
    Ok(())
}

fn create_ticket_type(by: UserId, event: EventId, planned: &PlannedType) -> CreateTicketType {
    let tier = |tier: &PlannedTier| NewTier {
        name: tier.name.to_owned(),
        price: tier.price,
        from: tier.from,
        until: tier.until,
        quota: None,
    };
    CreateTicketType {
        by,
        event,
        name: planned.name.to_owned(),
        description: planned.description.to_owned(),
        sections: planned.sections.clone(),
        tiers: planned.tiers.iter().map(tier).collect(),
        quota: None,
        sales_start: planned.sales_start,
        sales_end: None,
        min_per_order: 1,
        max_per_order: planned.max_per_order,
        limit_per_buyer: None,
        restrictions: Vec::new(),
        access_code: None,
        tax: None,
        idempotency_key: None,
    }
}

fn category(category: Category) -> EventCategory {
    match category {
        Category::Music => EventCategory::Music,
        Category::Theatre => EventCategory::Theatre,
        Category::Sports => EventCategory::Sports,
        Category::Comedy => EventCategory::Comedy,
        Category::Conference => EventCategory::Conference,
        Category::Family => EventCategory::Family,
    }
}
