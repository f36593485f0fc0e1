//! Letters that no font has: drawn as a box, counted, and told of once.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use parley::Layout;

/// Letters of a layout, broken into lines, that no font has.
pub(crate) fn letters(layout: &Layout<()>) -> impl Iterator<Item = char> {
    let clusters = layout.lines().flat_map(|line| {
        line.runs().flat_map(|run| {
            let in_run = run.clusters().map(|cluster| {
                let missing = cluster.glyphs().any(|glyph| glyph.id == 0);
                (missing, cluster.source_char())
            });
            in_run.collect::<Vec<_>>()
        })
    });
    clusters.filter(|(missing, letter)| *missing && !is_invisible(*letter)).map(|(_, letter)| letter)
}

/// Whether there is nothing to be drawn for it: it joins or changes others, or is a space.
pub(crate) fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || letter.is_whitespace()
        || matches!(u32::from(letter),
            0xad | 0x34f | 0x61c | 0x180b..=0x180f | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f
            | 0xfe00..=0xfe0f | 0xfeff | 0xe0000..=0xe0fff)
}

/// Counts letters that a ticket shows as boxes. The log tells of each block of 128 once.
pub(crate) fn tell(letters: impl Iterator<Item = char>) {
    static TOLD: Mutex<Option<HashSet<u32>>> = Mutex::new(None);
    for letter in letters {
        metrics::counter!("printing_letters_missing_total").increment(1);
        let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get_or_insert_default().insert(u32::from(letter) >> 7) {
            tracing::warn!(
                letter = format!("U+{:04X}", u32::from(letter)),
                "no font has this letter, so tickets show a box: put a font that has it, and those beside it, into \
                 the folder that ODYSSEUS__FONTS names"
            );
        }
    }
}
