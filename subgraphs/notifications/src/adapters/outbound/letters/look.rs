//! The colours of a mail: those of the platform, or an organizer's, by day and by night.

use crate::domain::{colour::Colour, entities::Organizer};

/// The platform's own accent.
const NIGHT_BLUE: Colour = Colour::new(0x1f, 0x26, 0x4c);
/// What letters are written with by day.
pub(super) const INK: Colour = Colour::new(0x14, 0x18, 0x26);
/// What is said by the way.
pub(super) const GREY: Colour = Colour::new(0x60, 0x66, 0x7a);
/// Around the letter.
pub(super) const PAPER: Colour = Colour::new(0xee, 0xf0, 0xf7);
/// The letter itself.
pub(super) const CARD: Colour = Colour::WHITE;

/// The same by night.
const INK_AT_NIGHT: Colour = Colour::new(0xec, 0xee, 0xf6);
const GREY_AT_NIGHT: Colour = Colour::new(0xa4, 0xaa, 0xbe);
const PAPER_AT_NIGHT: Colour = Colour::new(0x0e, 0x11, 0x1b);
const CARD_AT_NIGHT: Colour = Colour::new(0x1a, 0x1e, 0x2c);
const LINE_AT_NIGHT: Colour = Colour::new(0x2f, 0x35, 0x48);

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
    accent_at_night: Colour,
    button_at_night: Colour,
}

/// So much brighter or darker than what is around it has a button to be.
const SEEN: f64 = 1.25;

impl Look {
    /// In the colour of who organizes the event; without one, in the platform's.
    pub(super) fn of(organizer: Option<&Organizer>) -> Self {
        let own = organizer.and_then(Organizer::accent);
        let head = own.unwrap_or(NIGHT_BLUE);
        let heading = head.ink();
        let (accent, accent_at_night) = (head.readable_on(CARD), head.readable_on(CARD_AT_NIGHT));
        let seen = |ground: Colour, otherwise| if head.contrast(ground) >= SEEN { head } else { otherwise };
        Self {
            head,
            heading,
            above: if own.is_some() { heading } else { Colour::new(0xc9, 0xcd, 0xe6) },
            accent,
            button: seen(CARD, accent),
            accent_at_night,
            button_at_night: seen(CARD_AT_NIGHT, accent_at_night),
        }
    }

    /// What programs that show mails on a dark screen are told. Without it they choose colours themselves, which cannot always be
    /// read on the heading's.
    pub(super) fn by_night(&self) -> String {
        let Self { head, heading, above, accent_at_night, button_at_night, .. } = self;
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
             .head, .head > table {{ background: {head} !important; background-color: {head} !important; }} \
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
            assert_eq!((look.head, look.heading, look.accent), (NIGHT_BLUE, Colour::WHITE, NIGHT_BLUE));
        }
    }
}
