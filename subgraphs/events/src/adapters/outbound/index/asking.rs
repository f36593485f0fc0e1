//! What is asked of an index, as its queries.

use contracts::events::EventStatus;
use tantivy::{
    Term,
    query::{
        AllQuery, BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, Query, TermQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::{
    document::Fields,
    words::{LANGUAGES, Stems, language_of, typing_errors},
};
use crate::domain::{EventSearch, folded};

type Clause = Box<dyn Query>;

/// What a word is worth at most: where it is missed most, one is left.
const BEST: u8 = 5;
/// The most words that are looked for: texts without spaces may have more than are typed with them.
const MOST_WORDS: usize = 24;
/// The longest word whose typing errors are forgiven, in letters.
const LONGEST_FORGIVEN: usize = 40;

/// Words that are looked for.
pub(super) struct Asked {
    /// What finds them. What it finds is worth the more the less it misses.
    pub(super) query: Clause,
    /// How many words there are.
    words: u16,
}

impl Asked {
    /// How much was missed by what is worth this, see [`misses`](crate::domain::ordering::misses).
    #[expect(clippy::cast_possible_truncation, reason = "a sum of small whole numbers, which are exact")]
    pub(super) fn misses(words: u16, score: f32) -> i32 {
        i32::from(words) * i32::from(BEST) - score.round() as i32
    }

    /// How many words there are.
    pub(super) fn count(&self) -> u16 {
        self.words
    }
}

/// Of these words, in the order in which they are typed; the last may be unfinished. None where there are none.
pub(super) fn asked(fields: &Fields, text: &str, locale: Option<&str>) -> Option<Asked> {
    let every: Vec<_> = LANGUAGES.iter().map(|(code, _)| *code).collect();
    let languages = locale.and_then(language_of).map_or(every, |code| vec![code]);
    let mut words = Stems::of(&languages).words(text);
    words.truncate(MOST_WORDS);
    let last = words.len().checked_sub(1)?;
    let clauses = words.iter().enumerate();
    let clauses = clauses.map(|(at, (word, stems))| of_word(fields, word, stems, at == last)).collect();
    let words = u16::try_from(words.len()).unwrap_or(u16::MAX);
    Some(Asked { query: all(clauses), words })
}

/// A word is worth what its best place is.
fn of_word(fields: &Fields, word: &str, stems: &[String], unfinished: bool) -> Clause {
    let worth = |misses: u8, query: Clause| worth(query, f32::from(BEST - misses));
    let mut places = vec![
        worth(0, begins(fields.title, word)),
        worth(1, begins(fields.labels, word)),
        worth(2, begins(fields.place, word)),
        worth(2, begins(fields.text, word)),
    ];
    if !stems.is_empty() {
        places.push(worth(2, any(stems.iter().map(|stem| exactly(fields.stems, stem)).collect())));
    }
    let errors = typing_errors(word);
    if errors > 0 && word.chars().count() <= LONGEST_FORGIVEN {
        for (misses, field) in [(3, fields.title), (4, fields.labels), (4, fields.place)] {
            places.push(worth(misses, nearly(field, word, errors)));
            if unfinished {
                places.push(worth(misses, begins_nearly(field, word)));
            }
        }
    }
    Box::new(DisjunctionMaxQuery::new(places))
}

/// What has words that begin so in these fields, all of them; with typing errors where they are forgiven.
pub(super) fn beginning(fields: &[Field], words: &[String], forgiving: bool) -> Clause {
    let somewhere = |word: &String| {
        let mut places: Vec<Clause> = fields.iter().map(|field| begins(*field, word)).collect();
        if forgiving && typing_errors(word) > 0 && word.chars().count() <= LONGEST_FORGIVEN {
            places.extend(fields.iter().map(|field| begins_nearly(*field, word)));
        }
        any(places)
    };
    all(words.iter().map(somewhere).collect())
}

/// All conditions of a search but its words and what is compared document by document.
pub(super) fn conditions(fields: &Fields, search: &EventSearch) -> Clause {
    let mut clauses = Vec::new();
    let one_of =
        |field: Field, values: Vec<String>| any(values.iter().map(|it| exactly(field, it)).collect());
    if !search.categories.is_empty() {
        let names = search.categories.iter().map(|category| category.as_str().to_owned());
        clauses.push(one_of(fields.category, names.collect()));
    }
    if !search.tags.is_empty() {
        clauses.push(one_of(fields.tag, search.tags.iter().map(|tag| folded(tag)).collect()));
    }
    if let Some(city) = search.city.as_deref().filter(|city| !city.trim().is_empty()) {
        clauses.push(exactly(fields.city, &folded(city)));
    }
    if let Some(organization) = search.organization_id {
        clauses.push(exactly(fields.organization, &organization.uuid().simple().to_string()));
    }
    if search.only_available {
        clauses.push(exactly(fields.status, EventStatus::Published.as_str()));
    }
    if !search.statuses.is_empty() {
        let names = search.statuses.iter().map(|status| status.as_str().to_owned());
        clauses.push(one_of(fields.status, names.collect()));
    }
    worth(all(clauses), 0.0)
}

/// What still takes place.
pub(super) fn takes_place(fields: &Fields) -> Clause {
    let names = [EventStatus::Published, EventStatus::Postponed].map(EventStatus::as_str);
    worth(any(names.iter().map(|name| exactly(fields.status, name)).collect()), 0.0)
}

/// All of these; everything, where there are none.
pub(super) fn all(mut clauses: Vec<Clause>) -> Clause {
    match clauses.len() {
        0 => Box::new(AllQuery),
        1 => clauses.remove(0),
        _ => Box::new(BooleanQuery::new(clauses.into_iter().map(|clause| (Occur::Must, clause)).collect())),
    }
}

fn any(clauses: Vec<Clause>) -> Clause {
    Box::new(BooleanQuery::new(clauses.into_iter().map(|clause| (Occur::Should, clause)).collect()))
}

/// The same, worth this much wherever it is found: all replicas agree, however their indexes are cut into pieces.
pub(super) fn worth(query: Clause, score: f32) -> Clause {
    Box::new(ConstScoreQuery::new(query, score))
}

pub(super) fn exactly(field: Field, value: &str) -> Clause {
    Box::new(TermQuery::new(Term::from_field_text(field, value), IndexRecordOption::Basic))
}

fn begins(field: Field, word: &str) -> Clause {
    Box::new(FuzzyTermQuery::new_prefix(Term::from_field_text(field, word), 0, true))
}

fn nearly(field: Field, word: &str, errors: u8) -> Clause {
    Box::new(FuzzyTermQuery::new(Term::from_field_text(field, word), errors, true))
}

/// A beginning that is typed wrongly: one error, since beginnings are short.
fn begins_nearly(field: Field, word: &str) -> Clause {
    Box::new(FuzzyTermQuery::new_prefix(Term::from_field_text(field, word), 1, true))
}
