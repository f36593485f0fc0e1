//! What text looks like.

use super::*;

const WIDE: f32 = 1000.0;

fn wish(lines: usize, largest: f32, smallest: f32) -> Wish {
    Wish { bold: false, lines, largest, smallest }
}

fn lettering() -> Lettering {
    fonts::tests::with_letters_for_tests();
    Lettering::new(Han::Japanese)
}

/// The parts of the text that glyphs come from, as they stand from left to right, line by line.
fn seen(text: &str, width: f32, wish: Wish) -> Vec<Vec<String>> {
    let mut lettering = lettering();
    let fitted = lettering.fit(text, width, wish);
    let mut lines = Vec::new();
    for line in 0..fitted.lines() {
        let pieces = lettering.pieces(&fitted, line).unwrap();
        assert!(pieces.is_sorted_by(|one, next| one.x <= next.x));
        let glyphs = pieces.iter().flat_map(|piece| &piece.glyphs);
        lines.push(glyphs.map(|glyph| fitted.text[glyph.text_range.clone()].to_owned()).collect());
    }
    lines
}

fn line(text: &str) -> String {
    seen(text, WIDE, wish(1, 12.0, 12.0)).concat().concat()
}

fn lines(text: &str, width: f32, wish: Wish) -> Vec<String> {
    seen(text, width, wish).iter().map(|line| line.concat().trim().to_owned()).collect()
}

/// What is drawn for a text: font and glyph.
fn glyphs_of(text: &str, bold: bool) -> Vec<u32> {
    let mut lettering = lettering();
    let fitted = lettering.fit(text, WIDE, Wish { bold, ..wish(1, 12.0, 12.0) });
    assert_eq!(fitted.missing().collect::<String>(), "", "{text}");
    let pieces = lettering.pieces(&fitted, 0).unwrap();
    pieces.iter().flat_map(|piece| &piece.glyphs).map(|glyph| glyph.glyph_id.to_u32()).collect()
}

#[test]
fn every_script_has_its_letters() {
    for text in [
        "Straße, Œuvre, Ñandú, Łódź, Ελλάδα, Україна, Հայաստան, საქართველო",
        "מופע שָׁלוֹם 12",
        "مهرجان الموسيقى، الصف ١٢",
        "پنجره گچ ژاله",
        "संगीत समारोह क्षेत्र",
        "เทศกาลดนตรี ที่นั่ง น้ำ",
        "東京フィル 夏祭り",
        "한국 음악 김민준",
        "北京 音乐节",
        "🎷 Jazz 👩‍🎤 🇩🇪 ❤️ 👍🏽",
    ] {
        for bold in [false, true] {
            assert!(!glyphs_of(text, bold).contains(&0), "{text}");
        }
    }
}

#[test]
fn hebrew_runs_from_right_to_left_and_its_numbers_and_latin_words_do_not() {
    assert_eq!(line("שלום"), "םולש");
    assert_eq!(line("מופע Jazz Night 2027"), "Jazz Night 2027 עפומ");
    assert_eq!(line("דיזנגוף 145"), "145 ףוגנזיד");
    assert_eq!(line("Jazz (שלום) 12"), "Jazz (םולש) 12");
    // Brackets are turned round where they stand among letters from the right.
    assert_eq!(line("יציע 12 (A3)"), ")A3( 12 עיצי");
    assert_eq!(glyphs_of("יציע 12 (A3)", false)[..4], glyphs_of("(A3)", false));
    let mut lettering = lettering();
    let mut left = |text: &str| {
        let fitted = lettering.fit(text, 200.0, wish(1, 12.0, 12.0));
        lettering.pieces(&fitted, 0).unwrap()[0].x
    };
    assert!(left("שלום") > 150.0, "it ends at the right edge");
    assert!(left("Jazz") < 1.0);
}

#[test]
fn arabic_letters_join() {
    // Each letter of a word looks different from the one that stands alone.
    let joined = glyphs_of("ههه", false);
    assert_eq!(joined.iter().collect::<std::collections::HashSet<_>>().len(), 3);
    assert!(!joined.contains(&glyphs_of("ه", false)[0]));
    assert_eq!(line("سلام"), "مالس");
    assert_eq!(line("مهرجان 26 يوليو"), line("يوليو") + " 26 " + &line("مهرجان"));
}

#[test]
fn dots_and_vowels_stand_where_they_belong() {
    let mut lettering = lettering();
    for (text, mark, above) in [("قاعة", "ة", true), ("كِ", "كِ", false)] {
        let fitted = lettering.fit(text, WIDE, Wish { bold: true, ..wish(1, 12.0, 12.0) });
        let pieces = lettering.pieces(&fitted, 0).unwrap();
        let moved: Vec<_> = pieces
            .iter()
            .flat_map(|piece| &piece.glyphs)
            .filter(|glyph| mark.contains(&fitted.text[glyph.text_range.clone()]) && glyph.y_offset != 0.0)
            .map(|glyph| glyph.y_offset > 0.0)
            .collect();
        assert!(!moved.is_empty() && moved.iter().all(|up| *up == above), "{text}: {moved:?}");
    }
}

#[test]
fn letters_of_india_and_pictures_of_several_signs_are_drawn_as_one() {
    assert_eq!(glyphs_of("क्ष", false).len(), 1);
    assert_eq!(glyphs_of("👩‍🎤", false).len(), 1);
    assert_eq!(glyphs_of("🇩🇪", false).len(), 1);
    assert_eq!(glyphs_of("👍🏽", false).len(), 1);
}

#[test]
fn chinese_characters_look_as_they_do_in_the_language_of_the_event() {
    fonts::tests::with_letters_for_tests();
    let drawn = |han| {
        let mut lettering = Lettering::new(han);
        let fitted = lettering.fit("骨直", WIDE, wish(1, 12.0, 12.0));
        let mut pieces = lettering.pieces(&fitted, 0).unwrap();
        assert_eq!(fitted.missing().count(), 0);
        pieces.remove(0).font
    };
    assert_ne!(drawn(Han::Japanese), drawn(Han::Simplified));
    assert_eq!(drawn(Han::Korean), drawn(Han::Korean));
}

#[test]
fn a_letter_that_no_font_has_is_a_box_and_is_counted() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let mut lettering = lettering();
    let fitted = lettering.fit("Jazz \u{10fffd}\u{10fffd}\u{200d}", WIDE, wish(1, 12.0, 12.0));
    assert_eq!(fitted.missing().collect::<Vec<_>>(), ['\u{10fffd}', '\u{10fffd}']);
    let pieces = lettering.pieces(&fitted, 0).unwrap();
    let boxes = pieces.iter().flat_map(|piece| &piece.glyphs).filter(|glyph| glyph.glyph_id.to_u32() == 0);
    assert!(boxes.count() >= 2);
    metrics::with_local_recorder(&recorder, || missing::tell(fitted.missing()));
    assert!(recorder.handle().render().contains("printing_letters_missing_total 2"));
}

#[test]
fn a_long_title_shrinks_then_breaks_and_is_cut_only_at_the_end() {
    let mut lettering = lettering();
    let mut fit = |text: &str, lines, width| {
        let fitted = lettering.fit(text, width, Wish { bold: true, ..wish(lines, 18.0, 9.0) });
        for line in 0..fitted.lines() {
            let pieces = lettering.pieces(&fitted, line).unwrap();
            let wide: f32 = pieces
                .iter()
                .flat_map(|piece| &piece.glyphs)
                .map(|glyph| glyph.x_advance * fitted.size)
                .sum();
            assert!(wide <= width + fitted.size, "a space may stand beyond the edge: {wide}");
        }
        fitted
    };
    let short = fit("Jazz", 2, 200.0);
    assert_eq!((short.size.to_bits(), short.lines(), short.cut), (18.0_f32.to_bits(), 1, false));
    let long = fit(&"Symphony of a thousand ".repeat(4), 3, 200.0);
    assert!(long.size < 18.0 && long.size >= 9.0 && long.lines() <= 3 && !long.cut);
    for endless in ["x", "夏", "م", "क्ष", "👩‍🎤", "word "] {
        let endless = fit(&endless.repeat(100_000), 3, 200.0);
        assert_eq!((endless.lines(), endless.cut), (3, true));
        assert!(endless.text().ends_with('…'));
    }
}

#[test]
fn signs_without_end_do_no_harm() {
    let mut lettering = lettering();
    for (base, sign) in [
        ("Z", "\u{335}"),
        ("x", "\u{200d}"),
        ("x", "\u{200b}"),
        ("👩", "\u{200d}👩"),
        ("क", "\u{94d}क"),
        ("\u{1100}", "\u{1100}"),
        ("\u{600}", "\u{600}"),
        ("น", "\u{e49}"),
        ("ה", "\u{5b0}"),
        ("🇩", "🇩"),
        ("a", "\u{202e}"),
        ("a", "\u{2067}"),
    ] {
        let text = format!("{} {base}{} end", "wide".repeat(12), sign.repeat(900));
        for width in [40.0, 400.0] {
            let fitted = lettering.fit(&text, width, wish(3, 10.0, 10.0));
            for line in 0..fitted.lines() {
                assert!(!lettering.pieces(&fitted, line).unwrap().is_empty(), "{base}{sign}");
            }
        }
    }
}

#[test]
fn text_without_spaces_is_broken_anywhere_and_between_words_where_there_are_any() {
    let broken = lines(&"夏祭り".repeat(20), 120.0, wish(9, 12.0, 12.0));
    assert!(broken.len() > 1);
    assert_eq!(broken.concat(), "夏祭り".repeat(20));
    // Thai words stand side by side: festival, music, international.
    let words = lines("เทศกาลดนตรีนานาชาติ", 60.0, wish(9, 12.0, 12.0));
    assert!(words.len() > 1 && words.iter().all(|line| !line.starts_with('า')), "{words:?}");
}

#[test]
fn control_characters_and_nothing_at_all_do_no_harm() {
    assert_eq!(lines("a\u{0}b\tc\n\n d", 500.0, wish(2, 9.0, 9.0)), ["a b c", "d"]);
    assert!(lines("", 10.0, wish(1, 9.0, 9.0)).is_empty());
    assert!(lines(" \n ", 10.0, wish(1, 9.0, 9.0)).is_empty());
    assert_eq!(lines("wide", 0.0, wish(2, 9.0, 9.0)).len(), 2);
}
