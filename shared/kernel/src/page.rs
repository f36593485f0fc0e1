use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Refusal, reasons, to_millis, together};

/// The most items one page may have.
pub const MAX_PAGE: u32 = 100;

/// Which part of a list a client wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAsk {
    /// How many items, 1 to [`MAX_PAGE`].
    pub first: u32,
    /// After which item.
    pub after: Option<Cursor>,
}

impl PageAsk {
    /// Reads what a client sent; `default` when it said nothing.
    pub fn parse(first: Option<i32>, after: Option<&str>, default: u32) -> Result<Self, Refusal> {
        Self::parse_in(first, after, default, |_| Ok(()))
    }

    /// Reads what a client sent for a list that goes by ids.
    pub fn by_id(first: Option<i32>, after: Option<&str>, default: u32) -> Result<Self, Refusal> {
        Self::parse_in(first, after, default, |cursor| cursor.id().map(drop))
    }

    /// Reads what a client sent for a list whose keys are [`Cursor::timed`].
    pub fn by_time(first: Option<i32>, after: Option<&str>, default: u32) -> Result<Self, Refusal> {
        Self::parse_in(first, after, default, |cursor| cursor.instant_and_id().map(drop))
    }

    /// Reads what a client sent for a list, which knows its own cursors: `check` refuses those of others. All that is wrong
    /// is told at once.
    pub fn parse_in(
        first: Option<i32>,
        after: Option<&str>,
        default: u32,
        check: impl FnOnce(&Cursor) -> Result<(), Refusal>,
    ) -> Result<Self, Refusal> {
        let first = match first {
            None => Ok(default),
            Some(first) => {
                u32::try_from(first).ok().filter(|first| (1..=MAX_PAGE).contains(first)).ok_or_else(|| {
                    Refusal::bad_input("first", format!("must be from 1 to {MAX_PAGE}"))
                        .because(reasons::OUT_OF_RANGE)
                })
            }
        };
        let after = after.map(Cursor::parse).transpose().and_then(|after| {
            after.as_ref().map_or(Ok(()), check)?;
            Ok(after)
        });
        let (first, after) = together((first, after))?;
        Ok(Self { first, after })
    }
}

/// A place in a list: the sorting key of the item before, opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// The place right after the item with this key.
    pub fn after(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key of the item before.
    pub fn key(&self) -> &str {
        &self.0
    }

    /// The key of an item of a list that goes by an instant and then by id.
    pub fn timed(at: DateTime<Utc>, id: Uuid) -> String {
        format!("{}|{id}", to_millis(at))
    }

    /// The id of the item before, in a list that goes by ids.
    pub fn id(&self) -> Result<Uuid, Refusal> {
        self.0.parse().map_err(|_| Self::wrong())
    }

    /// The instant of the item before, in milliseconds, and its id, in a list whose keys are [`Cursor::timed`].
    pub fn instant_and_id(&self) -> Result<(i64, Uuid), Refusal> {
        let read = || {
            let (at, id) = self.0.split_once('|')?;
            Some((at.parse().ok()?, id.parse().ok()?))
        };
        read().ok_or_else(Self::wrong)
    }

    /// As clients see it.
    pub fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.0)
    }

    fn parse(text: &str) -> Result<Self, Refusal> {
        BASE64_URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .filter(|bytes| bytes.len() <= 512)
            .and_then(|bytes| String::from_utf8(bytes).ok())
            // No key has it, and PostgreSQL refuses even to compare with it.
            .filter(|key| !key.contains('\0'))
            .map(Self)
            .ok_or_else(Self::wrong)
    }

    /// The refusal of a cursor that does not belong to the list.
    pub fn wrong() -> Refusal {
        Refusal::bad_input("after", "is not a cursor of this list; take endCursor of the page before")
            .because(reasons::MALFORMED)
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items, each with its place.
    pub items: Vec<(Cursor, T)>,
    /// True when more follow.
    pub has_next: bool,
    /// How many the whole list has.
    pub total: u64,
}

impl<T> Page<T> {
    /// A page made of what was read: one item more than asked for tells that more follow.
    pub fn of(ask: &PageAsk, mut read: Vec<T>, total: u64, key: impl Fn(&T) -> String) -> Self {
        let has_next = read.len() > ask.first as usize;
        read.truncate(ask.first as usize);
        let items = read.into_iter().map(|item| (Cursor::after(key(&item)), item)).collect();
        Self { items, has_next, total }
    }

    /// The same page of other items.
    pub fn map<U>(self, mut with: impl FnMut(T) -> U) -> Page<U> {
        let items = self.items.into_iter().map(|(cursor, item)| (cursor, with(item))).collect();
        Page { items, has_next: self.has_next, total: self.total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_one_to_a_hundred_items() {
        for first in [i32::MIN, -1, 0, 101, i32::MAX] {
            assert_eq!(PageAsk::parse(Some(first), None, 20).unwrap_err().details["field"], "first");
        }
        assert_eq!(PageAsk::parse(None, None, 20).unwrap().first, 20);
    }

    #[test]
    fn a_cursor_comes_back_as_it_was_given_out() {
        let cursor = Cursor::after("2026-11-22|7");
        assert_eq!(PageAsk::parse(None, Some(&cursor.encode()), 1).unwrap().after, Some(cursor));
        assert!(PageAsk::parse(None, Some("%%%"), 1).is_err());
    }

    #[test]
    fn a_cursor_of_another_list_is_told_beside_a_wrong_size() {
        type Reading = fn(Option<i32>, Option<&str>, u32) -> Result<PageAsk, Refusal>;
        let fields = |after: &Cursor, reading: Reading| {
            let refusal = reading(Some(0), Some(&after.encode()), 20).unwrap_err();
            refusal.problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>()
        };
        let (by_id, timed) =
            (Cursor::after(Uuid::nil()), Cursor::after(Cursor::timed(DateTime::UNIX_EPOCH, Uuid::nil())));
        assert_eq!(timed.instant_and_id().unwrap(), (0, Uuid::nil()));
        assert_eq!(by_id.id().unwrap(), Uuid::nil());
        assert_eq!(fields(&timed, PageAsk::by_id), ["first", "after"]);
        assert_eq!(fields(&by_id, PageAsk::by_time), ["first", "after"]);
        assert_eq!(fields(&by_id, PageAsk::by_id), ["first"]);
    }
}
