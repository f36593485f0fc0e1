//! An index that is there: what is put into it, and what it answers.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use kernel::EventId;
use tantivy::{
    Index, IndexReader, IndexWriter, ReloadPolicy,
    query::{BooleanQuery, Occur, Query},
    schema::Schema,
};

use super::{
    asking::{all, asked, beginning, conditions, exactly, takes_place, worth},
    collecting::{Conditions, Places, Sold},
    counting::{Counted, Counts, facet},
    document::{Fields, column, unlabelled},
    words::{begin_alike, words},
};
use crate::{
    adapters::outbound::persistence::Indexed,
    domain::{
        EventOrder, Facet, FacetField, Guesses, Hits, Listing, SuggestionKind, ordering::EventPlace,
        popularity, search::SimilarAsk,
    },
};

/// How much memory is used for what is not yet in the index, in bytes: the least that there can be.
const GATHERED: usize = 15_000_000;
/// How many documents of each piece are looked at for names that begin as somebody types.
const LOOKED_AT: u64 = 20_000;

/// How the folder of an index begins; the process follows.
const FOLDER: &str = "odysseus-events-";

/// An index in a folder of its own, which goes with it.
pub(super) struct Built {
    writer: Mutex<IndexWriter>,
    reader: IndexReader,
    fields: Fields,
    schema: Schema,
    folder: PathBuf,
}

impl Drop for Built {
    fn drop(&mut self) {
        // What is left behind is in a folder for temporary files.
        drop(fs::remove_dir_all(&self.folder));
    }
}

impl Built {
    /// An empty one, in a new folder within this.
    pub(super) fn empty(within: &Path) -> tantivy::Result<Self> {
        sweep(within);
        let (process, id) = (std::process::id(), kernel::Id::<()>::new().uuid().simple());
        let folder = within.join(format!("{FOLDER}{process}-{id}"));
        fs::create_dir_all(&folder)?;
        let (fields, schema) = Fields::new();
        let index = Index::create_in_dir(&folder, schema.clone())?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let writer = Mutex::new(index.writer_with_num_threads(1, GATHERED)?);
        Ok(Self { writer, reader, fields, schema, folder })
    }

    fn writer(&self) -> MutexGuard<'_, IndexWriter> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts events into it in place of what it had of them, and takes away those that nobody is to find any more.
    pub(super) fn put(&self, gone: &[EventId], these: &[Indexed]) -> tantivy::Result<()> {
        let writer = self.writer();
        for id in gone {
            writer.delete_term(self.fields.key(*id));
        }
        for it in these {
            writer.delete_term(self.fields.key(it.found.event.id()));
            writer.add_document(self.fields.document(&self.schema, it))?;
        }
        Ok(())
    }

    /// From now on what was put into it is found.
    pub(super) fn commit(&self) -> tantivy::Result<()> {
        self.writer().commit()?;
        self.reader.reload()
    }

    /// What a listing finds.
    pub(super) fn search(&self, listing: &Listing, sold: Sold) -> tantivy::Result<Option<Hits>> {
        let Some((query, words)) = self.query(listing) else { return Ok(Some(Hits::default())) };
        let Ok(after) = listing.page.after.as_ref().map(|cursor| listing.order.read(cursor)).transpose()
        else {
            return Ok(None);
        };
        let places = Places {
            order: listing.order.clone(),
            words,
            conditions: Conditions::of(listing),
            after,
            most: listing.page.first as usize + 1,
            sold,
        };
        let (places, total) = self.reader.searcher().search(&query, &places)?;
        Ok(Some(Hits { places, total }))
    }

    /// What a listing finds, counted.
    pub(super) fn facets(&self, listing: &Listing) -> tantivy::Result<Vec<Facet>> {
        let columns = FacetField::ALL.map(|field| match field {
            FacetField::Category => column::CATEGORY,
            FacetField::City => column::CITY,
            FacetField::Month => column::MONTH,
            FacetField::PriceBand => column::BAND,
            FacetField::Tag => column::TAGS,
        });
        let counted = match self.query(listing) {
            None => vec![HashMap::new(); columns.len()],
            Some((query, _)) => self.counted(&query, Conditions::of(listing), columns.to_vec(), u64::MAX)?,
        };
        Ok(FacetField::ALL.into_iter().zip(counted).map(|(field, counted)| facet(field, counted)).collect())
    }

    /// What finds a listing's events, and how many words it has; none where nothing can be found.
    fn query(&self, listing: &Listing) -> Option<(Box<dyn Query>, u16)> {
        let search = &listing.search;
        let others = conditions(&self.fields, search);
        match search.query.as_deref().filter(|query| !query.trim().is_empty()) {
            None => Some((others, 0)),
            Some(query) => {
                let asked = asked(&self.fields, query, search.locale.as_deref())?;
                let words = asked.count();
                Some((all(vec![asked.query, others]), words))
            }
        }
    }

    fn counted(
        &self,
        query: &dyn Query,
        conditions: Conditions,
        columns: Vec<&'static str>,
        most: u64,
    ) -> tantivy::Result<Counted> {
        self.reader.searcher().search(query, &Counts { conditions, columns, most })
    }

    /// What somebody may mean who has typed this.
    pub(super) fn guess(
        &self,
        typed: &str,
        most: usize,
        now: DateTime<Utc>,
        sold: &Sold,
    ) -> tantivy::Result<Guesses> {
        let typed = words(typed);
        if typed.is_empty() {
            return Ok(Guesses::default());
        }
        let guesses = self.guess_words(&typed, false, most, now, sold)?;
        if guesses != Guesses::default() {
            return Ok(guesses);
        }
        self.guess_words(&typed, true, most, now, sold)
    }

    fn guess_words(
        &self,
        typed: &[String],
        forgiving: bool,
        most: usize,
        now: DateTime<Utc>,
        sold: &Sold,
    ) -> tantivy::Result<Guesses> {
        let fields = &self.fields;
        let found_in = |fields_of: &[_]| {
            all(vec![worth(beginning(fields_of, typed, forgiving), 0.0), takes_place(fields)])
        };
        let kinds = [
            (SuggestionKind::Performer, column::PERFORMERS),
            (SuggestionKind::Venue, column::VENUE),
            (SuggestionKind::City, column::CITY),
            (SuggestionKind::Tag, column::TAGS),
        ];
        let columns = kinds.iter().map(|(_, column)| *column).collect();
        let labelled = found_in(&[fields.labels, fields.place]);
        let counted = self.counted(&*labelled, Conditions::not_over(now), columns, LOOKED_AT)?;
        let mut names: Vec<(u32, SuggestionKind, String)> = Vec::new();
        for ((kind, _), counted) in kinds.into_iter().zip(counted) {
            // Several spellings of a name are one: the most frequent.
            let mut spellings: HashMap<String, (u32, u32, String)> = HashMap::new();
            for (value, count) in counted {
                let (key, label) = unlabelled(&value);
                if begin_alike(label, typed, forgiving) {
                    let entry = spellings.entry(key.to_owned()).or_default();
                    entry.0 += count;
                    if (count, entry.2.as_str()) > (entry.1, label) || entry.1 == 0 {
                        (entry.1, entry.2) = (count, label.to_owned());
                    }
                }
            }
            names.extend(spellings.into_values().map(|(count, _, label)| (count, kind, label)));
        }
        names.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| (a.1, &a.2).cmp(&(b.1, &b.2))));
        names.truncate(most);
        let titled = found_in(&[fields.title]);
        let places = Places {
            order: EventOrder::Popularity(popularity::since(now)),
            words: 0,
            conditions: Conditions::not_over(now),
            after: None,
            most,
            sold: sold.clone(),
        };
        let (events, _) = self.reader.searcher().search(&*titled, &places)?;
        Ok(Guesses {
            names: names.into_iter().map(|(_, kind, label)| (kind, label)).collect(),
            events: events.iter().map(EventPlace::id).collect(),
        })
    }

    /// Events that are like one.
    pub(super) fn similar(&self, ask: SimilarAsk, now: DateTime<Utc>) -> tantivy::Result<Vec<EventId>> {
        /// How much more a missing likeness counts than what any event can share.
        const WORDS: u16 = 200;
        let fields = &self.fields;
        let itself = || exactly(fields.id, &ask.to.uuid().simple().to_string());
        let columns = vec![column::PERFORMERS, column::TAGS, column::CATEGORY, column::CITY];
        let whenever = Conditions::whenever();
        let of_itself = self.counted(&*itself(), whenever, columns, 1)?;
        let mut alike: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let mut here: Vec<Box<dyn Query>> = Vec::new();
        let worths =
            [(fields.performer, 20.0), (fields.tag, 4.0), (fields.category, 3.0), (fields.city, 2.0)];
        for ((field, score), values) in worths.into_iter().zip(of_itself) {
            for value in values.keys() {
                let shared = worth(exactly(field, unlabelled(value).0), score);
                if field == fields.city {
                    here.push(shared);
                } else {
                    alike.push((Occur::Should, shared));
                }
            }
        }
        if alike.is_empty() {
            return Ok(Vec::new());
        }
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = vec![
            (Occur::Must, Box::new(BooleanQuery::new(alike))),
            (Occur::Must, takes_place(fields)),
            (Occur::MustNot, itself()),
        ];
        clauses.extend(here.into_iter().map(|shared| (Occur::Should, shared)));
        let places = Places {
            order: EventOrder::Relevance(Vec::new()),
            words: WORDS,
            conditions: Conditions::not_over(now),
            after: None,
            most: ask.first as usize,
            sold: Sold::default(),
        };
        let (places, _) = self.reader.searcher().search(&BooleanQuery::new(clauses), &places)?;
        Ok(places.iter().map(EventPlace::id).collect())
    }

    /// How many events it has.
    pub(super) fn count(&self) -> u64 {
        self.reader.searcher().num_docs()
    }
}

/// Takes away what processes have left behind that were killed, where that can be told.
fn sweep(within: &Path) {
    let Ok(entries) = fs::read_dir(within) else { return };
    let processes = Path::new("/proc");
    for entry in entries.flatten() {
        let name = entry.file_name();
        let process =
            name.to_str().and_then(|name| name.strip_prefix(FOLDER)?.split_once('-')).map(|(id, _)| id);
        let gone = process.is_some_and(|id| id.parse::<u32>().is_ok() && !processes.join(id).exists());
        if gone && processes.join("self").exists() {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}
