//! Values of documents, counted.

use std::collections::HashMap;

use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::StrColumn,
};

use super::{
    collecting::{Conditions, Met},
    document::unlabelled,
};
use crate::domain::{Bucket, Facet, FacetField};

/// The most values that are shown of one property.
const MOST: usize = 20;

/// Counts the values that documents have in columns.
pub(super) struct Counts {
    pub(super) conditions: Conditions,
    pub(super) columns: Vec<&'static str>,
    /// How many documents of each piece of the index are looked at; beyond it, others tell the same.
    pub(super) most: u64,
}

/// Counts of one piece of an index.
pub(super) struct PieceCounts {
    met: Met,
    columns: Vec<Option<(StrColumn, Vec<u32>)>>,
    left: u64,
}

/// How often each value is there, by column.
pub(super) type Counted = Vec<HashMap<String, u32>>;

impl Collector for Counts {
    type Fruit = Counted;
    type Child = PieceCounts;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<PieceCounts> {
        let column = |name: &&'static str| -> tantivy::Result<_> {
            let column = segment.fast_fields().str(name)?;
            Ok(column.map(|column| {
                let none = vec![0; column.num_terms()];
                (column, none)
            }))
        };
        Ok(PieceCounts {
            met: self.conditions.within(segment)?,
            columns: self.columns.iter().map(column).collect::<tantivy::Result<_>>()?,
            left: self.most,
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, pieces: Vec<tantivy::Result<Counted>>) -> tantivy::Result<Counted> {
        let mut all: Counted = vec![HashMap::new(); self.columns.len()];
        for piece in pieces {
            for (all, counted) in all.iter_mut().zip(piece?) {
                for (value, count) in counted {
                    *all.entry(value).or_default() += count;
                }
            }
        }
        Ok(all)
    }
}

impl SegmentCollector for PieceCounts {
    type Fruit = tantivy::Result<Counted>;

    fn collect(&mut self, doc: DocId, _: Score) {
        if self.left == 0 || !self.met.by(doc) {
            return;
        }
        self.left -= 1;
        for (column, counts) in self.columns.iter_mut().flatten() {
            for nth in column.ords().values_for_doc(doc) {
                if let Some(count) = usize::try_from(nth).ok().and_then(|nth| counts.get_mut(nth)) {
                    *count += 1;
                }
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        let mut all = Vec::with_capacity(self.columns.len());
        for column in self.columns {
            let mut counted = HashMap::new();
            if let Some((column, counts)) = column {
                for (nth, count) in (0..).zip(counts).filter(|(_, count)| *count > 0) {
                    let mut value = String::new();
                    column.ord_to_str(nth, &mut value)?;
                    counted.insert(value, count);
                }
            }
            all.push(counted);
        }
        Ok(all)
    }
}

/// The counts of a property as they are shown.
pub(super) fn facet(field: FacetField, counted: HashMap<String, u32>) -> Facet {
    let mut buckets: HashMap<String, (Bucket, u32, String)> = HashMap::new();
    for (text, count) in counted {
        let (value, label) = unlabelled(&text);
        let (label, order) = unlabelled(label);
        let label = if field == FacetField::Category { title_case(value) } else { label.to_owned() };
        let entry = buckets.entry(value.to_owned()).or_insert_with(|| {
            let bucket = Bucket { value: value.to_owned(), label: label.clone(), count: 0 };
            (bucket, 0, order.to_owned())
        });
        entry.0.count += count;
        // Of several spellings the most frequent is shown; of equally frequent ones the same wherever it is counted.
        if (count, &entry.0.label) > (entry.1, &label) || entry.1 == 0 {
            (entry.0.label, entry.1) = (label, count);
        }
    }
    let mut buckets: Vec<_> = buckets.into_values().collect();
    buckets.sort_by(|(a, ..), (b, ..)| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    match field {
        FacetField::Category | FacetField::City | FacetField::Tag => buckets.truncate(MOST),
        FacetField::Month => {
            buckets.sort_by(|(a, ..), (b, ..)| a.value.cmp(&b.value));
            buckets.truncate(MOST);
        }
        FacetField::PriceBand => {
            buckets.truncate(MOST);
            // By currency, and in each from the cheapest on.
            let currency = |bucket: &Bucket| bucket.value.chars().take(3).collect::<String>();
            buckets.sort_by(|(a, _, from), (b, _, other)| {
                (currency(a), from, &a.value).cmp(&(currency(b), other, &b.value))
            });
        }
    }
    Facet { field, buckets: buckets.into_iter().map(|(bucket, ..)| bucket).collect() }
}

/// Such as Theatre for `THEATRE`.
fn title_case(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| format!("{first}{}", letters.as_str().to_lowercase())).unwrap_or_default()
}
