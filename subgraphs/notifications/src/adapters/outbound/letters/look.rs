//! The colours of a mail: those of the platform, or an organizer's, by day and by night.

use crate::domain::{colour::Colour, entities::Organizer};

/// The platform's own, as its pages have them: behind the heading, and what can be clicked.
const NIGHT: Colour = Colour::new(0x17, 0x20, 0x2b);
const CLAY: Colour = Colour::new(0xb3, 0x34, 0x1f);
/// What letters are written with by day.
pub(super) const INK: Colour = NIGHT;
/// What is said by the way.
pub(super) const GREY: Colour = Colour::new(0x55, 0x60, 0x6c);
/// Around the letter.
pub(super) const PAPER: Colour = Colour::new(0xf4, 0xef, 0xe4);
/// The letter itself.
pub(super) const CARD: Colour = Colour::new(0xff, 0xfd, 0xf8);

/// The same by night.
const NIGHT_AT_NIGHT: Colour = Colour::new(0x09, 0x0d, 0x12);
const CLAY_AT_NIGHT: Colour = Colour::new(0xff, 0x8a, 0x66);
const INK_AT_NIGHT: Colour = Colour::new(0xf3, 0xed, 0xe0);
const GREY_AT_NIGHT: Colour = Colour::new(0xa9, 0xb3, 0xbe);
const PAPER_AT_NIGHT: Colour = Colour::new(0x10, 0x15, 0x1c);
const CARD_AT_NIGHT: Colour = Colour::new(0x19, 0x21, 0x2b);
const LINE_AT_NIGHT: Colour = Colour::new(0x32, 0x3e, 0x4b);

/// What a mail looks like.
pub(super) struct Look {
    /// Behind the heading.
    pub(super) head: Colour,
    /// The heading.
    pub(super) heading: Colour,
    /// What stands above the heading.
    pub(super) above: Colour,
    /// Links, by day.
    pub(super) accent: Colour,
    /// The button, by day.
    pub(super) button: Colour,
    head_at_night: Colour,
    accent_at_night: Colour,
    button_at_night: Colour,
}

/// So much brighter or darker than what is around it has a button to be.
const SEEN: f64 = 1.25;

impl Look {
    /// In the colour of who organizes the event; without one, in the platform's.
    pub(super) fn of(organizer: Option<&Organizer>) -> Self {
        let Some(head) = organizer.and_then(Organizer::accent) else { return Self::PLATFORMS };
        let heading = head.ink();
        let (accent, accent_at_night) = (head.readable_on(CARD), head.readable_on(CARD_AT_NIGHT));
        let seen = |ground: Colour, otherwise| if head.contrast(ground) >= SEEN { head } else { otherwise };
        Self {
            head,
            heading,
            above: heading,
            accent,
            button: seen(CARD, accent),
            head_at_night: head,
            accent_at_night,
            button_at_night: seen(CARD_AT_NIGHT, accent_at_night),
        }
    }

    const PLATFORMS: Self = Self {
        head: NIGHT,
        heading: Colour::WHITE,
        above: Colour::new(0xd9, 0xcf, 0xbd),
        accent: CLAY,
        button: CLAY,
        head_at_night: NIGHT_AT_NIGHT,
        accent_at_night: CLAY_AT_NIGHT,
        button_at_night: CLAY_AT_NIGHT,
    };

    /// What programs that show mails on a dark screen are told. Without it they choose colours themselves, which cannot always be
    /// read on the heading's.
    pub(super) fn by_night(&self) -> String {
        let Self { head_at_night, heading, above, accent_at_night, button_at_night, .. } = self;
        let on_button = button_at_night.ink();
        format!(
            ":root {{ color-scheme: light dark; supported-color-schemes: light dark; }} \
             @media (prefers-color-scheme: dark) {{ \
             body, .paper {{ background-color: {PAPER_AT_NIGHT} !important; }} \
             .card, .card > table {{ background: {CARD_AT_NIGHT} !important; background-color: {CARD_AT_NIGHT} !important; }} \
             .card div, .card td, .card b, .card p {{ color: {INK_AT_NIGHT} !important; }} \
             .card td {{ border-color: {LINE_AT_NIGHT} !important; }} \
             .card .line p {{ border-top-color: {LINE_AT_NIGHT} !important; }} \
             .card .grey div, .card .grey, .below div, .below a {{ color: {GREY_AT_NIGHT} !important; }} \
             .card .link, .card .link div {{ color: {accent_at_night} !important; }} \
             .head, .head > table {{ background: {head_at_night} !important; background-color: {head_at_night} !important; }} \
             .head div {{ color: {heading} !important; }} \
             .head .above div {{ color: {above} !important; }} \
             .card .button td, .card .button a {{ background: {button_at_night} !important; color: {on_button} !important; }} \
             }}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READABLE: f64 = 4.5;

    fn look(colour: &str) -> Look {
        let organizer = Organizer { colour: Some(colour.to_owned()), ..Organizer::default() };
        Look::of(Some(&organizer))
    }

    #[test]
    fn everything_can_be_read_whatever_colour_an_organizer_has() {
        for colour in ["#ffffff", "#000000", "#ffde00", "#c8102e", "#808080", "#00ff00", "#1a2b3c", "#777777"]
        {
            let look = look(colour);
            for (text, ground) in [
                (look.heading, look.head),
                (look.above, look.head),
                (look.accent, CARD),
                (look.button.ink(), look.button),
                (look.accent_at_night, CARD_AT_NIGHT),
                (look.button_at_night.ink(), look.button_at_night),
            ] {
                assert!(text.contrast(ground) >= READABLE, "{colour}: {text} on {ground}");
            }
            for (button, ground) in [(look.button, CARD), (look.button_at_night, CARD_AT_NIGHT)] {
                assert!(button.contrast(ground) >= SEEN, "{colour}: {button} on {ground}");
            }
        }
    }

    #[test]
    fn what_belongs_to_no_organizer_can_be_read_by_day_and_by_night() {
        let plain = Look::of(None);
        for (text, ground) in [
            (INK, CARD),
            (GREY, CARD),
            (GREY, PAPER),
            (plain.above, plain.head),
            (plain.heading, plain.head),
            (plain.heading, plain.head_at_night),
            (plain.above, plain.head_at_night),
            (plain.accent, CARD),
            (plain.button.ink(), plain.button),
            (plain.accent_at_night, CARD_AT_NIGHT),
            (plain.button_at_night.ink(), plain.button_at_night),
            (INK_AT_NIGHT, CARD_AT_NIGHT),
            (GREY_AT_NIGHT, CARD_AT_NIGHT),
            (GREY_AT_NIGHT, PAPER_AT_NIGHT),
        ] {
            assert!(text.contrast(ground) >= READABLE, "{text} on {ground}: {}", text.contrast(ground));
        }
    }

    #[test]
    fn without_an_organizers_colour_a_mail_looks_as_the_platform_does() {
        let plain = Look::of(None);
        let named = Look::of(Some(&Organizer { name: Some("Theater".to_owned()), ..Organizer::default() }));
        for look in [plain, named] {
            assert_eq!((look.head, look.heading, look.accent), (NIGHT, Colour::WHITE, CLAY));
        }
    }
}
