//! A table that keeps the newest entries and forgets the oldest, so that memory stays bounded.

use std::collections::{BTreeMap, HashMap};

/// Entries by name, in the order they first came.
pub(crate) struct Shelf<T> {
    limit: usize,
    next: u64,
    by_place: BTreeMap<u64, T>,
    places: HashMap<String, u64>,
}

impl<T> Shelf<T> {
    /// An empty table of at most `limit` entries.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, next: 0, by_place: BTreeMap::new(), places: HashMap::new() }
    }

    /// Adds an entry, or replaces the one of that name in its place. Answers how many are too many now.
    pub(crate) fn put(&mut self, name: &str, entry: T) -> usize {
        if let Some(place) = self.places.get(name) {
            self.by_place.insert(*place, entry);
        } else {
            self.places.insert(name.to_owned(), self.next);
            self.by_place.insert(self.next, entry);
            self.next += 1;
        }
        self.by_place.len().saturating_sub(self.limit)
    }

    /// Adds or replaces an entry and forgets the oldest that are too many.
    pub(crate) fn keep(&mut self, name: &str, entry: T, name_of: impl Fn(&T) -> &str) {
        for _ in 0..self.put(name, entry) {
            self.forget_oldest(&name_of);
        }
    }

    /// Takes the oldest entry away.
    pub(crate) fn forget_oldest(&mut self, name_of: impl Fn(&T) -> &str) -> Option<T> {
        let (_, oldest) = self.by_place.pop_first()?;
        self.places.remove(name_of(&oldest));
        Some(oldest)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.by_place.get(self.places.get(name)?)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.by_place.get_mut(self.places.get(name)?)
    }

    /// Where an entry stands in the order of arrival.
    pub(crate) fn place(&self, name: &str) -> Option<u64> {
        self.places.get(name).copied()
    }

    /// The entry at a place, as `place` told it.
    pub(crate) fn at(&self, place: u64) -> Option<&T> {
        self.by_place.get(&place)
    }

    pub(crate) fn oldest_first(&self) -> impl Iterator<Item = &T> {
        self.by_place.values()
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.by_place.values().rev()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_place.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entry_makes_room_and_a_replaced_one_keeps_its_place() {
        let mut shelf = Shelf::new(2);
        for name in ["a", "b", "a", "c"] {
            shelf.keep(name, name.to_owned(), |entry| entry);
        }
        let names: Vec<_> = shelf.newest_first().cloned().collect();
        assert_eq!(names, ["c", "b"]);
        assert!(shelf.get("a").is_none());
    }
}
