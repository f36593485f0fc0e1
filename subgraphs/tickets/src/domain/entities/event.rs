use std::sync::Arc;

use chrono::{DateTime, Utc};
use contracts::{
    events::{EventFacts, EventStatus},
    settings::{EventTerms, OrganizationSettings},
    users::Role,
};
use kernel::{EventId, Refusal};

use super::TicketType;
use crate::domain::{
    pricing::{RefundPolicy, Terms},
    reasons,
};

/// An event as `events` told it.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownEvent {
    /// Which.
    pub id: EventId,
    /// Of what was told last.
    pub version: i64,
    /// What was told last.
    pub facts: EventFacts,
    /// True once its places are on sale.
    pub opened: bool,
    /// When it was moved to another time for the last time.
    pub moved_at: Option<DateTime<Utc>>,
    /// Until when everything goes back of what was ordered before that, whatever the policy says.
    pub refundable_until: Option<DateTime<Utc>>,
    /// Of those settings; 0 when none were told.
    pub settings_version: i64,
    /// On which terms its organization sells just now.
    pub settings: Arc<OrganizationSettings>,
    /// What of the terms is its own instead.
    pub own_terms: EventTerms,
    /// Its version with which it got the tax it has; 0 as long as it never had one of its own.
    pub taxed_since: i64,
    /// True while who picks seats may leave none alone where that can be avoided.
    pub orphan_seat_rule: bool,
}

/// True for members of an organization who plan or sell its places: they know how many are left, and why some are kept back.
pub fn knows_stock(role: Role) -> bool {
    match role {
        Role::Owner | Role::Manager | Role::BoxOffice => true,
        Role::Scanner => false,
    }
}

impl KnownEvent {
    /// On which terms tickets of it are sold just now, as far as these types go. A type's own tax comes before the event's, and
    /// that before the organization's.
    pub fn terms<'t>(&self, types: impl IntoIterator<Item = &'t TicketType>) -> Terms {
        let tax_of = types.into_iter().filter_map(TicketType::own_tax).collect();
        let terms = Terms::of(&self.settings, self.facts.currency);
        Terms { tax: self.own_terms.tax.clone().or(terms.tax), tax_of, ..terms }
    }

    /// Rises whenever other terms may change what is listed for its tickets.
    pub fn terms_version(&self) -> i64 {
        self.settings_version + self.taxed_since
    }

    /// What buyers get back who return tickets that they buy now.
    pub fn refund_policy(&self, now: DateTime<Utc>) -> RefundPolicy {
        let policy = self.own_terms.refund_policy.as_ref().unwrap_or(&self.settings.refund_policy);
        RefundPolicy::of(policy, self.facts.starts_at, now)
    }

    /// True for everybody, not only its organizers.
    pub fn is_public(&self) -> bool {
        self.facts.is_public()
    }

    /// True when it will not take place.
    pub fn is_called_off(&self) -> bool {
        self.facts.status == EventStatus::Cancelled
    }

    /// True when nothing of it will ever be sold again.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        let ended = matches!(self.facts.status, EventStatus::Cancelled | EventStatus::Completed);
        ended || self.facts.ends_at <= now
    }

    /// Refuses when nothing of this event can be bought at `now`.
    pub fn sells(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self.facts.status {
            _ if !self.is_public() => Err(Refusal::not_found("event")),
            EventStatus::Published if !self.opened => {
                let message = "This event's places are being prepared. Try again in a moment.";
                Err(Refusal::new(reasons::PLACES_BEING_PREPARED, message))
            }
            EventStatus::Published if now < self.facts.ends_at => Ok(()),
            EventStatus::Published | EventStatus::Completed => {
                Err(Refusal::new(reasons::EVENT_OVER, "This event is over."))
            }
            EventStatus::Draft => Err(Refusal::not_found("event")),
            EventStatus::Postponed => {
                let message = "This event was put off; sales go on when it has a new date.";
                Err(Refusal::new(reasons::EVENT_POSTPONED, message))
            }
            EventStatus::Cancelled => {
                Err(Refusal::new(reasons::EVENT_CANCELLED, "This event was cancelled."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use contracts::settings::{self, RefundRule, Tax, TaxedOnce};
    use kernel::Rate;

    use super::{super::sale::tests::an_event, *};

    fn tax(percent: u32) -> Tax {
        let rate = Rate::percent(percent);
        Tax { name: "VAT".to_owned(), rate, included: true, once: TaxedOnce::PerLine }
    }

    fn policy(percent: u32) -> settings::RefundPolicy {
        let rule = RefundRule { hours_before_start: 0, percent: Rate::percent(percent) };
        settings::RefundPolicy { rules: vec![rule], fees_kept: false }
    }

    #[test]
    fn what_is_an_events_own_comes_before_what_is_its_organizations() {
        let now = DateTime::UNIX_EPOCH;
        let mut event = an_event(EventStatus::Published, now);
        let holds = |event: &KnownEvent| {
            let back = event.refund_policy(now);
            (event.terms([]).tax, back.rules().first().map(|rule| rule.percent))
        };
        assert_eq!(holds(&event), (None, None));
        let settings = OrganizationSettings {
            tax: Some(tax(20)),
            refund_policy: policy(50),
            ..OrganizationSettings::default()
        };
        event.settings = Arc::new(settings);
        assert_eq!(holds(&event), (Some(tax(20)), Some(Rate::percent(50))));
        event.own_terms.tax = Some(tax(7));
        assert_eq!(holds(&event), (Some(tax(7)), Some(Rate::percent(50))));
        event.own_terms.refund_policy = Some(settings::RefundPolicy::default());
        assert_eq!(holds(&event), (Some(tax(7)), None), "its own may be that nothing goes back");
    }
}
