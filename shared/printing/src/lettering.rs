//! Text in a box: fonts, widths, line breaks, sizes.
//!
//! The fonts are `DejaVu Sans` and its bold: Latin, Greek, Cyrillic, Armenian, Georgian, Arabic and
//! more. A letter that they do not have, such as a Chinese or Japanese one, is drawn as an empty box of
//! its width; the rest of the line, and of the ticket, stays as it is.

use kernel::Fault;
use krilla::text::Font;
use ttf_parser::Face;

static REGULAR: &[u8] = include_bytes!("../fonts/DejaVuSans.ttf");
static BOLD: &[u8] = include_bytes!("../fonts/DejaVuSans-Bold.ttf");

/// The two faces of every page.
pub(crate) struct Fonts {
    pub(crate) regular: Lettering,
    pub(crate) bold: Lettering,
}

impl Fonts {
    pub(crate) fn load() -> Result<Self, Fault> {
        Ok(Self { regular: Lettering::load(REGULAR)?, bold: Lettering::load(BOLD)? })
    }
}

/// A face that can be drawn with and measured.
pub(crate) struct Lettering {
    pub(crate) font: Font,
    face: Face<'static>,
}

/// Text broken into lines, at the size at which they fit.
pub(crate) struct Fitted {
    pub(crate) size: f32,
    pub(crate) lines: Vec<String>,
}

impl Lettering {
    fn load(data: &'static [u8]) -> Result<Self, Fault> {
        let broken = || Fault::broken_rule("the font of tickets cannot be read");
        Ok(Self {
            font: Font::new(data.into(), 0).ok_or_else(broken)?,
            face: Face::parse(data, 0).map_err(|_| broken())?,
        })
    }

    /// How wide a line is.
    pub(crate) fn width(&self, text: &str, size: f32) -> f32 {
        let units: u32 = text
            .chars()
            .map(|letter| self.face.glyph_index(letter).unwrap_or_default())
            .map(|glyph| u32::from(self.face.glyph_hor_advance(glyph).unwrap_or_default()))
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "a line is far shorter than 2^24 units")]
        let units = units as f32;
        units / f32::from(self.face.units_per_em()) * size
    }

    /// Breaks `text` into at most `lines` lines of at most `width`, at the largest of the sizes from
    /// `largest` down to `smallest` at which it fits. What does not fit even then is cut off with `…`.
    pub(crate) fn fit(&self, text: &str, width: f32, lines: usize, largest: f32, smallest: f32) -> Fitted {
        let text = clean(text);
        let mut size = largest;
        loop {
            let mut broken = self.broken(&text, width, size);
            if broken.len() <= lines {
                return Fitted { size, lines: broken };
            }
            if size <= smallest {
                broken.truncate(lines);
                if let Some(last) = broken.last_mut() {
                    self.cut(last, width, size);
                }
                return Fitted { size, lines: broken };
            }
            size = (size - 0.5).max(smallest);
        }
    }

    fn broken(&self, text: &str, width: f32, size: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.split('\n') {
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if self.width(&longer, size) <= width {
                    line = longer;
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                // A word wider than the box, as in languages without spaces, is broken anywhere.
                for letter in word.chars() {
                    line.push(letter);
                    if self.width(&line, size) > width && line.chars().count() > 1 {
                        line.pop();
                        lines.push(std::mem::replace(&mut line, letter.to_string()));
                    }
                }
            }
            if !line.is_empty() {
                lines.push(line);
            }
        }
        lines
    }

    fn cut(&self, line: &mut String, width: f32, size: f32) {
        line.push('…');
        while self.width(line, size) > width && line.chars().count() > 1 {
            line.pop();
            line.pop();
            line.push('…');
        }
    }
}

/// Without control characters, and no longer than any ticket could show.
fn clean(text: &str) -> String {
    text.chars()
        .take(1000)
        .map(|letter| if letter.is_control() && letter != '\n' { ' ' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_title_shrinks_then_breaks_and_is_cut_only_at_the_end() {
        let fonts = Fonts::load().unwrap();
        let short = fonts.bold.fit("Jazz", 200.0, 2, 18.0, 9.0);
        assert_eq!((short.size.to_bits(), short.lines.len()), (18.0_f32.to_bits(), 1));
        let long = fonts.bold.fit(&"Symphony of a thousand ".repeat(4), 200.0, 3, 18.0, 9.0);
        assert!(long.size < 18.0 && long.size >= 9.0 && long.lines.len() <= 3);
        assert!(!long.lines.last().unwrap().ends_with('…'));
        let endless = fonts.bold.fit(&"x".repeat(100_000), 200.0, 3, 18.0, 9.0);
        assert_eq!(endless.lines.len(), 3);
        assert!(endless.lines[2].ends_with('…'));
        for line in long.lines.iter().chain(&endless.lines) {
            assert!(fonts.bold.width(line, 18.0_f32.min(long.size.max(endless.size))) <= 400.0);
        }
        for line in &endless.lines {
            assert!(fonts.bold.width(line, endless.size) <= 200.0, "{line}");
        }
    }

    #[test]
    fn text_without_spaces_is_broken_anywhere() {
        let fonts = Fonts::load().unwrap();
        let fitted = fonts.regular.fit(&"夏祭り".repeat(20), 120.0, 9, 12.0, 12.0);
        assert!(fitted.lines.len() > 1);
        assert_eq!(fitted.lines.concat(), "夏祭り".repeat(20));
    }

    #[test]
    fn control_characters_and_nothing_at_all_do_no_harm() {
        let fonts = Fonts::load().unwrap();
        assert_eq!(fonts.regular.fit("a\u{0}b\tc", 500.0, 1, 9.0, 9.0).lines, ["a b c"]);
        assert!(fonts.regular.fit("", 10.0, 1, 9.0, 9.0).lines.is_empty());
        assert!(!fonts.regular.fit("wide", 0.0, 2, 9.0, 9.0).lines.is_empty());
    }
}
