//! Which fields an index has, and what an event is in it.

use kernel::{EventId, to_millis};
use tantivy::{
    TantivyDocument, Term,
    schema::{FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions},
};

use super::words::{Stems, languages_of, words};
use crate::{
    adapters::outbound::persistence::Indexed,
    domain::{folded, price, search::title_key},
};

/// What stands between a value and how people read it.
pub(super) const LABEL: char = '\u{1f}';
/// How much of a description is looked through, in bytes.
const DESCRIBED: usize = 4_000;

/// The fields of an index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    pub(super) id: Field,
    /// Words of the title.
    pub(super) title: Field,
    /// Words of tags and performers.
    pub(super) labels: Field,
    /// Words of venue and city.
    pub(super) place: Field,
    /// Words of the description.
    pub(super) text: Field,
    /// Stems of all words, each with its language.
    pub(super) stems: Field,
    pub(super) category: Field,
    pub(super) city: Field,
    pub(super) tag: Field,
    pub(super) performer: Field,
    pub(super) status: Field,
    pub(super) organization: Field,
}

/// Names of what is only read by document.
pub(super) mod column {
    pub(in super::super) const ID: [&str; 2] = ["id_high", "id_low"];
    pub(in super::super) const TITLE: &str = "title_key";
    pub(in super::super) const STARTS: &str = "starts";
    pub(in super::super) const ENDS: &str = "ends";
    pub(in super::super) const PRICE: &str = "price";
    pub(in super::super) const LEFT: &str = "left";
    pub(in super::super) const UNIT: [&str; 3] = ["unit_x", "unit_y", "unit_z"];
    pub(in super::super) const CATEGORY: &str = "categories";
    pub(in super::super) const CITY: &str = "cities";
    pub(in super::super) const MONTH: &str = "months";
    pub(in super::super) const BAND: &str = "bands";
    pub(in super::super) const TAGS: &str = "tags";
    pub(in super::super) const PERFORMERS: &str = "performers";
    pub(in super::super) const VENUE: &str = "venues";
}

impl Fields {
    /// The fields, and the schema that has them.
    pub(super) fn new() -> (Self, Schema) {
        let mut schema = Schema::builder();
        // Texts come as words with spaces between them, and which words a text has is all that matters.
        let spaced = TextFieldIndexing::default()
            .set_tokenizer("whitespace")
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false);
        let words = || TextOptions::default().set_indexing_options(spaced.clone());
        let values = || TextOptions::default().set_fast("raw");
        let fields = Self {
            id: schema.add_text_field("id", STRING),
            title: schema.add_text_field("title", words()),
            labels: schema.add_text_field("labels", words()),
            place: schema.add_text_field("place", words()),
            text: schema.add_text_field("text", words()),
            stems: schema.add_text_field("stems", words()),
            category: schema.add_text_field("category", STRING),
            city: schema.add_text_field("city", STRING),
            tag: schema.add_text_field("tag", STRING),
            performer: schema.add_text_field("performer", STRING),
            status: schema.add_text_field("status", STRING),
            organization: schema.add_text_field("organization", STRING),
        };
        for name in column::ID {
            schema.add_u64_field(name, FAST);
        }
        for name in [column::STARTS, column::ENDS, column::PRICE] {
            schema.add_i64_field(name, FAST);
        }
        schema.add_u64_field(column::LEFT, FAST);
        for name in column::UNIT {
            schema.add_f64_field(name, FAST);
        }
        for name in [
            column::TITLE,
            column::CATEGORY,
            column::CITY,
            column::MONTH,
            column::BAND,
            column::TAGS,
            column::PERFORMERS,
            column::VENUE,
        ] {
            schema.add_text_field(name, values());
        }
        (fields, schema.build())
    }

    /// By what the document of an event is found.
    pub(super) fn key(&self, id: EventId) -> Term {
        Term::from_field_text(self.id, &id.uuid().simple().to_string())
    }

    /// An event as a document.
    pub(super) fn document(&self, schema: &Schema, it: &Indexed) -> TantivyDocument {
        let (event, venue) = (it.found.event.snapshot(), &it.found.venue);
        let details = &event.details;
        let mut document = TantivyDocument::new();
        let mut add = |field: Field, text: &str| document.add_text(field, text);
        let by_name = |name: &str| schema.get_field(name).expect("all columns are fields of the schema");
        add(self.id, &event.id.uuid().simple().to_string());
        add(self.title, &words(&details.title).join(" "));
        let names = details.tags.iter().chain(&details.performers);
        add(self.labels, &names.clone().flat_map(|name| words(name)).collect::<Vec<_>>().join(" "));
        let city = &venue.address().city;
        add(self.place, &[words(venue.name()), words(city)].concat().join(" "));
        let described = &details.description[..details.description.floor_char_boundary(DESCRIBED)];
        add(self.text, &words(described).join(" "));
        let mut stems = Stems::of(&languages_of(&venue.address().country));
        let mut all = stems.stems(&details.title);
        names.for_each(|name| all.extend(stems.stems(name)));
        all.extend(stems.stems(described));
        all.sort_unstable();
        all.dedup();
        add(self.stems, &all.join(" "));
        add(self.category, details.category.as_str());
        add(self.city, &folded(city));
        details.tags.iter().for_each(|tag| add(self.tag, &folded(tag)));
        details.performers.iter().for_each(|performer| add(self.performer, &folded(performer)));
        add(self.status, event.status.as_str());
        add(self.organization, &event.organization_id.uuid().simple().to_string());

        add(by_name(column::TITLE), &title_key(&details.title));
        add(by_name(column::CATEGORY), details.category.as_str());
        add(by_name(column::CITY), &labelled(city));
        let local = details.starts_at.with_timezone(&venue.timezone().tz());
        add(by_name(column::MONTH), &local.format(&format!("%Y-%m{LABEL}%B %Y")).to_string());
        details.tags.iter().for_each(|tag| add(by_name(column::TAGS), &labelled(tag)));
        details.performers.iter().for_each(|name| add(by_name(column::PERFORMERS), &labelled(name)));
        add(by_name(column::VENUE), &labelled(venue.name()));
        if let Some(parts) = it.lowest_price {
            let band = price::band(parts, details.currency);
            add(
                by_name(column::BAND),
                &format!("{}{LABEL}{}{LABEL}{:012}", band.value, band.label, band.from),
            );
            document.add_i64(by_name(column::PRICE), parts);
        }
        let (high, low) = event.id.uuid().as_u64_pair();
        document.add_u64(by_name(column::ID[0]), high);
        document.add_u64(by_name(column::ID[1]), low);
        document.add_i64(by_name(column::STARTS), to_millis(details.starts_at));
        document.add_i64(by_name(column::ENDS), to_millis(details.ends_at));
        document.add_u64(by_name(column::LEFT), u64::from(!it.sold_out));
        if let Some(point) = venue.location() {
            for (name, part) in column::UNIT.into_iter().zip(point.unit()) {
                document.add_f64(by_name(name), part);
            }
        }
        document
    }
}

/// A name as it is compared, and as people read it.
fn labelled(name: &str) -> String {
    format!("{}{LABEL}{name}", folded(name))
}

/// A value and how people read it.
pub(super) fn unlabelled(value: &str) -> (&str, &str) {
    value.split_once(LABEL).unwrap_or((value, value))
}
