use std::{collections::HashMap, time::Duration};

use kernel::{Error, EventId, OrganizationId, Refusal, Result, UserId, Viewer, reasons};

use super::Analytics;
use crate::domain::entities::{EventCopy, Report};

/// What somebody else hears.
pub const ONLY_ORGANIZERS: &str = "Sales can be read by owners and managers of the organization only.";
/// How long after an event or an organization was made its news may still be on their way.
const YOUNG: Duration = Duration::from_secs(10);

impl Analytics {
    /// How an event sells, for those who organize it, and for operators.
    pub async fn read_sales(&self, event: EventId, viewer: impl Into<Viewer>) -> Result<Report> {
        let event = self.organized(event, viewer.into()).await?;
        let report = self.reads.reports(&[event]).await?.pop();
        Ok(report.ok_or_else(|| Refusal::not_found("event"))?)
    }

    /// How events sell, each for the person who asks; as many questions to the database as for one event.
    pub async fn read_sales_of(
        &self,
        asked: &[(EventId, Viewer)],
    ) -> Result<HashMap<(EventId, Viewer), Result<Report, Refusal>>> {
        let ids: Vec<EventId> = asked.iter().map(|(event, _)| *event).collect();
        let users: Vec<UserId> = asked.iter().filter_map(|(_, viewer)| viewer.user()).collect();
        let known: HashMap<EventId, EventCopy> =
            self.reads.events(&ids).await?.into_iter().map(|event| (event.id, event)).collect();
        let organizations: Vec<OrganizationId> = known.values().map(|event| event.organization).collect();
        let managed = self.members.managed(&organizations, &users).await?;
        let (mut answers, mut granted) = (HashMap::new(), Vec::new());
        for (id, viewer) in asked.iter().copied() {
            let event = known.get(&id).copied();
            let organizes = |event: EventCopy| {
                let managed = |user| managed.contains(&(event.organization, user));
                viewer.is_operator() || viewer.user().is_some_and(managed)
            };
            let outcome = match event {
                Some(event) if organizes(event) => Ok(event),
                // What was made a moment ago is waited for; there is little of it.
                Some(event) if event.organization.was_made_within(YOUNG) => self.organized(id, viewer).await,
                None if id.was_made_within(YOUNG) => self.organized(id, viewer).await,
                Some(event) if event.is_public() => {
                    Err(Refusal::new(reasons::ROLE_REQUIRED, ONLY_ORGANIZERS).into())
                }
                _ => Err(Refusal::not_found("event").into()),
            };
            match outcome {
                Ok(event) => granted.push((event, viewer)),
                Err(Error::Refused(refusal)) => {
                    answers.insert((id, viewer), Err(refusal));
                }
                Err(broken) => return Err(broken),
            }
        }
        let events: Vec<EventCopy> = granted.iter().map(|(event, _)| *event).collect();
        for ((event, viewer), report) in granted.into_iter().zip(self.reads.reports(&events).await?) {
            answers.insert((event.id, viewer), Ok(report));
        }
        Ok(answers)
    }

    /// The event, if the person organizes it. A stranger does not learn that there is a draft.
    pub(super) async fn organized(&self, id: EventId, viewer: Viewer) -> Result<EventCopy> {
        let event = self.awaited(id).await?;
        let user = match viewer.user() {
            Some(_) if viewer.is_operator() => return Ok(event),
            Some(user) => user,
            None => return Err(Refusal::unauthenticated().into()),
        };
        match self.members.require(event.organization, user).await {
            Err(error) if error.refusal().is_some() && !event.is_public() => {
                Err(Refusal::not_found("event").into())
            }
            outcome => outcome.map(|()| event),
        }
    }

    async fn awaited(&self, id: EventId) -> Result<EventCopy> {
        self.reads.event_soon(id).await?.ok_or_else(|| Refusal::not_found("event").into())
    }
}
