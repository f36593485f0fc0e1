use std::collections::HashMap;

use kernel::{EventId, Refusal, Result, line};

use super::{EventAtVenue, Events};
use crate::domain::{Guesses, Suggestion, SuggestionKind, folded, search::SimilarAsk};

/// The most suggestions, and the most events that are like one.
const MOST: i32 = 20;
/// The longest beginning that is looked for.
const LONGEST: usize = 100;

/// Say what somebody who is typing may mean.
#[derive(Clone, Debug)]
pub struct SuggestEvents {
    /// What was typed so far.
    pub typed: String,
    /// How many suggestions.
    pub first: i32,
}

/// How many are asked for, or what is wrong with it.
pub fn at_most(first: i32) -> Result<u32, Refusal> {
    u32::try_from(first).ok().filter(|_| (1..=MOST).contains(&first)).ok_or_else(|| {
        Refusal::bad_input("first", format!("must be from 1 to {MOST}"))
            .because(kernel::reasons::OUT_OF_RANGE)
    })
}

impl Events {
    /// What somebody who is typing may mean: performers, venues, cities, tags and events that are not over. Nothing as long as
    /// nothing was typed, and in the moments after a start, while the index is still being made.
    pub async fn suggestions(&self, ask: SuggestEvents) -> Result<Vec<Suggestion>> {
        let SuggestEvents { typed, first } = ask;
        let most = at_most(first)?;
        if folded(&typed).is_empty() && typed.len() <= LONGEST {
            return Ok(Vec::new());
        }
        let typed = line("prefix", &typed, LONGEST)?;
        self.limits.looks_for_words()?;
        let guessed = self.index.guess(&typed, most, self.clock.now()).await?;
        let Some(Guesses { mut names, mut events }) = guessed else { return Ok(Vec::new()) };
        // Names and events share the place, and what one does not need is the other's.
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        names.truncate((most - most / 2).max(most.saturating_sub(events.len())));
        events.truncate(most - names.len().min(most));
        let found = if events.is_empty() { Vec::new() } else { self.reads.events(&events).await? };
        let mut found = by_id(found);
        let named = names.into_iter().map(|(kind, text)| Suggestion { text, kind, event: None });
        let shown = events.into_iter().filter_map(|id| found.remove(&id)).map(|found| Suggestion {
            text: found.event.details().title.clone(),
            kind: SuggestionKind::Event,
            event: Some(found),
        });
        Ok(named.chain(shown).collect())
    }

    /// Events that are like others, all read by one statement: what shares performers, tags, kind and city, and is not over.
    pub async fn similar(&self, asked: &[SimilarAsk]) -> Result<HashMap<SimilarAsk, Vec<EventAtVenue>>> {
        let alike = self.index.similar(asked, self.clock.now()).await?.unwrap_or_default();
        let ids: Vec<EventId> = alike.values().flatten().copied().collect();
        let found = if ids.is_empty() { Vec::new() } else { self.reads.events(&ids).await? };
        let found = by_id(found.into_iter().filter(|found| found.event.is_public()).collect());
        let read = |ids: Vec<EventId>| ids.iter().filter_map(|id| found.get(id).cloned()).collect();
        Ok(alike.into_iter().map(|(ask, ids)| (ask, read(ids))).collect())
    }
}

fn by_id(found: Vec<EventAtVenue>) -> HashMap<EventId, EventAtVenue> {
    found.into_iter().map(|found| (found.event.id(), found)).collect()
}
