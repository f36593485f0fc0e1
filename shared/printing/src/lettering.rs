//! Text in a box: letters of any script, joined and ordered as they are written; line breaks, sizes.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
    ops::Range,
};

use icu_segmenter::GraphemeClusterSegmenter;
use kernel::Fault;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use parley::{
    Alignment, AlignmentOptions, FontContext, FontFamily, FontFamilyName, FontWeight, Layout, LayoutContext,
    OverflowWrap, StyleProperty,
    layout::{Cluster, Run},
};
use unicode_normalization::char::is_combining_mark;

use crate::{
    fonts::{self, Han, PLAIN, Script},
    missing,
};

/// The most characters of which one letter is made.
const MOST_SIGNS: usize = 32;
/// From one line to the next, in sizes.
const LEADING: f32 = 1.22;

/// Sets text; for one document, whose Chinese characters it draws in one manner.
pub(crate) struct Lettering {
    fonts: FontContext,
    layouts: LayoutContext<()>,
    han: Han,
    /// What is asked when no other font has a letter: known once that has happened.
    rest: Option<Vec<&'static str>>,
    drawn: HashMap<(u64, u32), Font>,
}

/// In which hand and how large text is to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    pub(crate) bold: bool,
    /// The most lines.
    pub(crate) lines: usize,
    /// The size in points, if it fits.
    pub(crate) largest: f32,
    /// What does not fit at this size is cut off.
    pub(crate) smallest: f32,
}

/// Text broken into lines, at the size at which they fit.
pub(crate) struct Fitted {
    pub(crate) size: f32,
    /// Whether an end of it was replaced by `…`.
    pub(crate) cut: bool,
    text: String,
    /// At the largest size: letters grow evenly, so that the smaller ones are measured by it.
    layout: Layout<()>,
    scale: f32,
}

/// Letters of one font, side by side.
pub(crate) struct Piece {
    pub(crate) font: Font,
    /// True when they are to be bold and their font has no such letters: their outlines are to be drawn as well.
    pub(crate) thicker: bool,
    /// From the left end of the line.
    pub(crate) x: f32,
    pub(crate) glyphs: Vec<KrillaGlyph>,
}

impl Lettering {
    pub(crate) fn new(han: Han) -> Self {
        let (fonts, layouts) = (fonts::fonts(), LayoutContext::new());
        Self { fonts, layouts, han, rest: None, drawn: HashMap::new() }
    }

    /// Breaks `text` into lines of at most `width`, at the largest size at which they are few enough. What does not
    /// fit even at the smallest is cut off with `…`.
    pub(crate) fn fit(&mut self, text: &str, width: f32, wish: Wish) -> Fitted {
        let mut text = clean(text);
        let mut layout = self.laid_out(&text, wish);
        let mut size = wish.largest;
        let mut cut = 0;
        loop {
            let scale = size / wish.largest;
            let wide = (width / scale).max(0.0);
            layout.break_all_lines(Some(wide));
            let lines = if text.is_empty() { 0 } else { layout.len() };
            if lines <= wish.lines || (cut > 0 && text.chars().count() < 2) {
                layout.align(Alignment::Start, AlignmentOptions::default());
                return Fitted { size, cut: cut > 0, text, layout, scale };
            }
            if size > wish.smallest {
                size = (size - 0.5).max(wish.smallest);
                continue;
            }
            text = match cut {
                0 => shortened(&text, &layout, wish.lines),
                _ => shorter(&text, &layout, cut),
            };
            layout = self.laid_out(&text, wish);
            // One letter first, then more and more: nobody's thousand letters without width take long.
            cut = (2 * cut).max(1);
        }
    }

    /// The letters of a line, from left to right.
    pub(crate) fn pieces(&mut self, fitted: &Fitted, line: usize) -> Result<Vec<Piece>, Fault> {
        let Some(line) = fitted.layout.get(line) else { return Ok(Vec::new()) };
        let mut x = line.metrics().offset;
        let mut pieces = Vec::new();
        for run in line.runs() {
            let file = run.font();
            let font = match self.drawn.entry((file.data.id(), file.index)) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(place) => {
                    let font = Font::new(file.data.clone().into_raw_parts().0.into(), file.index);
                    place.insert(font.ok_or_else(unreadable)?).clone()
                }
            };
            let thicker = run.synthesis().embolden();
            pieces.push(Piece { font, thicker, x: x * fitted.scale, glyphs: glyphs(&run, &fitted.text) });
            x += run.advance();
        }
        Ok(pieces)
    }

    /// Shaped, in the largest size, not yet broken.
    fn laid_out(&mut self, text: &str, wish: Wish) -> Layout<()> {
        let mut layout = self.shaped(text, wish);
        layout.break_all_lines(None);
        if self.rest.is_some() || missing::letters(&layout).next().is_none() {
            return layout;
        }
        Script::Emoji.read();
        let mut rest = vec![Script::Emoji.family()];
        rest.extend(fonts::of_the_machine(self.han));
        self.rest = Some(rest);
        self.shaped(text, wish)
    }

    fn shaped(&mut self, text: &str, wish: Wish) -> Layout<()> {
        let rest = self.rest.clone().unwrap_or_default();
        let families = |first: Option<Script>| {
            let names = first.map(Script::family).into_iter().chain([PLAIN]).chain(rest.iter().copied());
            let names: Vec<_> = names.map(|name| FontFamilyName::Named(Cow::Borrowed(name))).collect();
            StyleProperty::FontFamily(FontFamily::List(Cow::Owned(names)))
        };
        let scripts = scripts(text);
        for (_, script) in &scripts {
            script.read();
        }
        let mut builder = self.layouts.ranged_builder(&mut self.fonts, text, 1.0, false);
        builder.push_default(families(None));
        builder.push_default(StyleProperty::FontSize(wish.largest));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        if wish.bold {
            builder.push_default(StyleProperty::FontWeight(FontWeight::BOLD));
        }
        for (range, script) in scripts {
            builder.push(families(Some(script)), range);
        }
        builder.build(text)
    }
}

impl Fitted {
    /// How many lines there are; none for no text.
    pub(crate) fn lines(&self) -> usize {
        if self.text.is_empty() { 0 } else { self.layout.len() }
    }

    /// From the upper edge of a line to that of the next one.
    pub(crate) fn leading(&self) -> f32 {
        self.size * LEADING
    }

    /// How wide the widest line is.
    pub(crate) fn width(&self) -> f32 {
        self.layout.width() * self.scale
    }

    /// What is set.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Letters that no font has.
    pub(crate) fn missing(&self) -> impl Iterator<Item = char> {
        missing::letters(&self.layout)
    }
}

/// The parts of a text that have a font of their own.
fn scripts(text: &str) -> Vec<(Range<usize>, Script)> {
    let mut parts: Vec<(Range<usize>, Script)> = Vec::new();
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        match (Script::of(letter), parts.last_mut()) {
            (Some(script), Some((range, last))) if *last == script && range.end == at => range.end = end,
            // What joins or changes the letter before it belongs to it.
            (None, Some((range, _))) if range.end == at && joins(letter) => range.end = end,
            (Some(script), _) => parts.push((at..end, script)),
            (None, _) => {}
        }
    }
    parts
}

fn unreadable() -> Fault {
    Fault::broken_rule("a font of tickets cannot be read")
}

fn joins(letter: char) -> bool {
    missing::is_invisible(letter) && !letter.is_whitespace()
}

/// As they stand from left to right, with the part of the text that each comes from.
fn glyphs(run: &Run<'_, ()>, text: &str) -> Vec<KrillaGlyph> {
    let size = run.font_size();
    let mut clusters = Vec::new();
    for cluster in run.clusters() {
        match clusters.last_mut() {
            Some((range, _)) if cluster.is_ligature_continuation() => {
                let range: &mut Range<usize> = range;
                range.end = cluster.text_range().end;
            }
            _ => clusters.push((cluster.text_range(), cluster)),
        }
    }
    if run.is_rtl() {
        clusters.reverse();
    }
    let mut glyphs = Vec::new();
    for (range, cluster) in clusters {
        // Where signs are heaped on each other parley is now and then off by some bytes.
        let end = text.ceil_char_boundary(range.end);
        let range = text.floor_char_boundary(range.start.min(end))..end;
        for glyph in cluster.glyphs() {
            // Here y runs upwards, there downwards.
            let (advance, x, y) = (glyph.advance / size, glyph.x / size, -glyph.y / size);
            glyphs.push(KrillaGlyph::new(GlyphId::new(glyph.id), advance, x, y, 0.0, range.clone(), None));
        }
    }
    glyphs
}

/// What fits into so many lines, and `…`.
fn shortened(text: &str, layout: &Layout<()>, lines: usize) -> String {
    let end = lines.checked_sub(1).and_then(|last| layout.get(last)).map_or(0, |line| line.text_range().end);
    format!("{}…", text[..text.floor_char_boundary(end)].trim_end())
}

/// Without the last few letters before `…`.
fn shorter(text: &str, layout: &Layout<()>, few: usize) -> String {
    let mut before = text.trim_end_matches('…').trim_end();
    for _ in 0..few {
        let last = before.len().saturating_sub(1);
        let start = Cluster::from_byte_index(layout, last).map_or(0, |cluster| cluster.text_range().start);
        before = before[..before.floor_char_boundary(start.min(last))].trim_end();
    }
    format!("{before}…")
}

/// Without control characters and empty lines, and no longer than any ticket could show.
fn clean(text: &str) -> String {
    let text: String = text
        .chars()
        .take(1000)
        .map(|letter| if letter.is_control() && letter != '\n' { ' ' } else { letter })
        .collect();
    // What belongs on a letter cannot begin a line: it would be taken for a part of the line's end before it.
    let on_nothing = |letter: char| is_combining_mark(letter) || joins(letter);
    let lines = text.split(['\n', '\u{2028}', '\u{2029}']).map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        words.join(" ").trim_start_matches(on_nothing).to_owned()
    });
    bounded(lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"))
}

/// Letters with more signs than any language puts on one lose the last of them: parley counts to 255.
fn bounded(mut text: String) -> String {
    loop {
        let ends: Vec<usize> = GraphemeClusterSegmenter::new().segment_str(&text).collect();
        let letters = ends.windows(2).map(|ends| &text[ends[0]..ends[1]]);
        let short: String = letters.flat_map(|letter| letter.chars().take(MOST_SIGNS)).collect();
        if short.len() == text.len() {
            return text;
        }
        text = short; // in which two may have become one
    }
}

#[cfg(test)]
mod tests;
