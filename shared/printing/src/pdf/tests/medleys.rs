//! Tickets with texts that nobody writes, but somebody may enter.

use super::*;

/// So many tickets, of eight texts each; thousands of them were tried by hand.
const TICKETS: u64 = 12;

/// Texts of letters that have little to do with each other.
fn medleys(count: u64) -> impl Iterator<Item = String> {
    const LETTERS: &[char] = &[
        'a',
        'Z',
        ' ',
        '\n',
        '-',
        '(',
        ')',
        '…',
        '1',
        '٣',
        '१',
        'ש',
        'ל',
        '\u{5b8}',
        'م',
        'ل',
        'ا',
        '\u{651}',
        '،',
        'क',
        '\u{94d}',
        'ष',
        'ि',
        'ท',
        'ี',
        '่',
        'ำ',
        '東',
        '京',
        'ー',
        '한',
        '\u{1100}',
        '\u{1161}',
        '🎷',
        '👩',
        '\u{200d}',
        '🎤',
        '🏽',
        '🇩',
        '🇪',
        '\u{fe0f}',
        '\u{20e3}',
        '\u{200b}',
        '\u{200f}',
        '\u{202e}',
        '\u{202c}',
        '\u{2067}',
        '\u{2069}',
        '\u{301}',
        '\u{335}',
        '\u{ad}',
        '\u{feff}',
        '\u{fffc}',
        '\u{2028}',
        '\u{2029}',
        '\u{85}',
        '\u{a0}',
        '\u{e123}',
        '\u{10fffd}',
        '\u{e0001}',
        '\u{e0067}',
        '\u{e007f}',
        '\u{600}',
        '\u{fdfd}',
        '\u{1f468}',
        '\u{640}',
        '\u{1f1fa}',
        'ﷺ',
        'ﬁ',
        'ß',
        'İ',
        '\u{3164}',
        '\u{115f}',
        '\u{17b4}',
        '\u{180e}',
        '\t',
        '\r',
        '\0',
    ];
    let mut state: u64 = 2027;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap()
    };
    (0..count).map(move |_| {
        let length = next() % 60;
        (0..length).map(|_| LETTERS[next() % LETTERS.len()]).collect()
    })
}

#[test]
fn no_medley_of_scripts_breaks_a_ticket() {
    fonts::tests::with_letters_for_tests();
    let mut texts = medleys(TICKETS * 8);
    for _ in 0..TICKETS {
        let (mut event, mut ticket) = (event(), ticket());
        let mut text = || texts.next().unwrap();
        (event.title, event.venue_name, event.venue_address) = (text(), text(), text());
        (ticket.holder_name, ticket.ticket_type, ticket.code) = (text(), text(), text());
        (ticket.section, ticket.row, ticket.seat) = (Some(text()), Some(text()), None);
        let shown = format!("{event:?} {ticket:?}");
        let printed = std::panic::catch_unwind(|| pages(&[event], &[ticket]));
        assert!(printed.is_ok_and(|pdf| pdf.starts_with(b"%PDF-")), "{shown}");
    }
}
