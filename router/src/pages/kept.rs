//! What services were asked for pages, kept for a short while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::watch;

/// As many are asked for at a time: whoever asks for what nobody has heard of cannot keep a service busy.
const MOST_UNDER_WAY: usize = 16;
/// How soon it is asked again after there was no answer.
const AGAIN: Duration = Duration::from_secs(2);

/// Answers by what was asked. There is one question about a thing at a time, and the oldest answer makes room.
#[derive(Debug)]
pub(super) struct Kept<T> {
    terms: Terms,
    answers: Mutex<HashMap<String, Entry<T>>>,
}

/// How many answers are kept, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) most: usize,
    /// For so long it is not asked again.
    pub(super) fresh: Duration,
    /// For so long an answer will do while it is asked again.
    pub(super) good: Duration,
}

#[derive(Debug)]
struct Entry<T> {
    answer: Option<(Instant, Arc<T>)>,
    asked: Instant,
    coming: Option<watch::Receiver<Option<Arc<T>>>>,
}

/// What is to be done to know something.
pub(super) enum Look<T> {
    /// Nothing. None where it is not known, and nobody is to be asked just now.
    Known(Option<Arc<T>>),
    /// To wait for what another has asked; the last answer, if any, will do where that does not come.
    Wait(watch::Receiver<Option<Arc<T>>>),
    /// To ask.
    Ask {
        /// Tells the answer to all who wait for it.
        tell: watch::Sender<Option<Arc<T>>>,
        /// What will do meanwhile.
        meanwhile: Option<Arc<T>>,
    },
}

impl<T> Kept<T> {
    pub(super) fn new(terms: Terms) -> Self {
        Self { terms, answers: Mutex::default() }
    }

    /// What is known of it at this moment, or has to be asked.
    pub(super) fn look(&self, what: &str, now: Instant) -> Look<T> {
        let mut answers = self.answers();
        let known = answers.get(what).and_then(|entry| entry.answer.clone());
        let age = known.as_ref().map(|(at, _)| now.saturating_duration_since(*at));
        let last = known.map(|(_, answer)| answer);
        if age.is_some_and(|age| age < self.terms.fresh) {
            return Look::Known(last);
        }
        let will_do = age.is_some_and(|age| age < self.terms.good);
        if let Some(entry) = answers.get(what) {
            match entry.open() {
                Some(_) if will_do => return Look::Known(last),
                Some(coming) => return Look::Wait(coming.clone()),
                // There was no answer a moment ago.
                None if now.saturating_duration_since(entry.asked) < AGAIN => return Look::Known(last),
                None => {}
            }
        }
        if answers.values().filter(|entry| entry.open().is_some()).count() >= MOST_UNDER_WAY {
            return Look::Known(last);
        }
        self.make_room(&mut answers, what);
        let (tell, coming) = watch::channel(last.clone());
        let answer = answers.remove(what).and_then(|entry| entry.answer);
        answers.insert(what.to_owned(), Entry { answer, asked: now, coming: Some(coming) });
        Look::Ask { tell, meanwhile: last.filter(|_| will_do) }
    }

    /// Takes note of an answer.
    pub(super) fn note(&self, what: &str, answer: Arc<T>, now: Instant) {
        if let Some(entry) = self.answers().get_mut(what) {
            entry.answer = Some((now, answer));
            entry.coming = None;
        }
    }

    fn make_room(&self, answers: &mut HashMap<String, Entry<T>>, what: &str) {
        if answers.len() < self.terms.most || answers.contains_key(what) {
            return;
        }
        let oldest = answers.iter().min_by_key(|(_, entry)| entry.asked).map(|(what, _)| what.clone());
        oldest.and_then(|oldest| answers.remove(&oldest));
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<String, Entry<T>>> {
        // Nothing is done under the lock that could leave it half done.
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Entry<T> {
    /// What is on its way, if whoever asked is still there.
    fn open(&self) -> Option<&watch::Receiver<Option<Arc<T>>>> {
        self.coming.as_ref().filter(|coming| coming.has_changed().is_ok())
    }
}

#[cfg(test)]
mod tests;
