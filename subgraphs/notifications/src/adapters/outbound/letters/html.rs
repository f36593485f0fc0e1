//! The mail as a page: MJML, which mrml turns into the HTML that mail programs understand.

use kernel::Fault;
use maud::{Markup, PreEscaped, html};
use mrml::prelude::render::RenderOptions;
use printing::address_lines;

use super::look::{CARD, GREY, INK, Look, PAPER};
use crate::domain::{
    entities::Organizer,
    letter::{Letter, RefundedTickets, about, place, place_of},
    ports::Mail,
    words::{Language, say},
};

const FONTS: &str = "Helvetica, Arial, sans-serif";

/// The whole page. What people have named runs in the direction of its own letters, whatever stands around it.
pub(super) fn page(mail: &Mail, public_url: &str) -> Result<String, Fault> {
    let template = template(mail, public_url).into_string();
    let parsed = mrml::parse(&template).map_err(|cause| Fault::new("reading a mail's template", cause))?;
    // No fonts from elsewhere: a mail does not tell anybody that it was opened.
    let options = RenderOptions { fonts: std::collections::HashMap::new(), ..RenderOptions::default() };
    parsed.element.render(&options).map_err(|cause| Fault::new("rendering a mail", cause))
}

fn template(mail: &Mail, public_url: &str) -> Markup {
    let (letter, words, organizer) = (&mail.letter, mail.language, mail.organizer.as_ref());
    let subject = letter.subject(words);
    let opening = letter.opening(words);
    let heading = letter.tickets().map_or_else(|| subject.clone(), |with| with.event.title.clone());
    let look = Look::of(organizer);
    let is_all = letter.tickets().is_none()
        && !matches!(letter, Letter::TicketsRefunded(_))
        && letter.page(words, public_url).is_none()
        && organizer.is_none();
    let padding = if is_all { "20px 8px" } else { "20px 8px 8px" };
    let sender = organizer.and_then(Organizer::called).unwrap_or_else(|| "Odysseus".to_owned());
    html! {
        mjml lang=(words.code()) {
            mj-head {
                mj-title { (subject) }
                mj-preview { (opening.get(1).map(String::as_str).unwrap_or_default()) }
                mj-raw {
                    meta name="color-scheme" content="light dark";
                    meta name="supported-color-schemes" content="light dark";
                }
                mj-style { (PreEscaped(look.by_night())) }
                mj-attributes {
                    mj-all font-family=(FONTS) {}
                    mj-text color=(INK) font-size="15px" line-height="22px" {}
                }
            }
            mj-body background-color=(PAPER) width="600px" css-class="paper" {
                mj-section background-color=(look.head) padding="28px 8px" css-class="head" {
                    mj-column {
                        mj-text color=(look.above) font-size="13px" padding="0 24px 6px" css-class="above" { (sender) }
                        mj-text color=(look.heading) font-size="24px" line-height="30px" font-weight="700" padding="0 24px" {
                            div dir="auto" { (heading) }
                        }
                    }
                }
                mj-section background-color=(CARD) padding=(padding) css-class="card" {
                    mj-column {
                        @for paragraph in &opening {
                            mj-text padding="6px 24px" { (paragraph) }
                        }
                        @if let Some((what, link)) = letter.action(words) {
                            mj-button href=(link) background-color=(look.button) color=(look.button.ink()) padding="16px 24px"
                                css-class="button" { (what) }
                            mj-text padding="0 24px 12px" color=(GREY) font-size="12px" line-height="18px" css-class="grey" {
                                (link)
                            }
                        }
                    }
                }
                @if letter.tickets().is_some() { (details(letter, words)) }
                @if let Letter::TicketsRefunded(refund) = letter { (refunded(refund, words)) }
                @if let Some((what, link)) = letter.page(words, public_url) {
                    mj-section background-color=(CARD) padding="0 8px 20px" css-class="card" {
                        mj-column {
                            mj-button href=(link) background-color=(look.button) color=(look.button.ink()) padding="4px 24px"
                                css-class="button" { (what) }
                            @if let Some((what, link)) = letter.claim(words) {
                                mj-text align="center" padding-top="12px" {
                                    a href=(link) style=(format!("color:{GREY}")) { (what) }
                                }
                            }
                        }
                    }
                }
                @if let Some(organizer) = organizer { (signature(organizer, words, &look)) }
                mj-section padding="16px 8px" css-class="below" {
                    mj-column {
                        mj-text align="center" color=(GREY) font-size="12px" {
                            (say!(words, "sent-by")) " Odysseus · "
                            a href=(public_url) style=(format!("color:{GREY}")) { (public_url) }
                        }
                        @if let Some(link) = &mail.unsubscribe {
                            mj-text align="center" color=(GREY) font-size="12px" padding-top="0" {
                                a href=(link) style=(format!("color:{GREY}")) { (say!(words, "stop-these-mails")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Who organizes the event, and where to ask.
fn signature(organizer: &Organizer, words: Language, look: &Look) -> Markup {
    let link = format!("color:{}", look.accent);
    html! {
        mj-section background-color=(CARD) padding="0 8px 20px" css-class="card" {
            mj-column {
                mj-divider border-color=(PAPER) border-width="2px" padding="4px 24px 12px" css-class="line" {}
                @if let Some(name) = organizer.called() {
                    mj-text padding="2px 24px" font-weight="700" { (name) }
                }
                @if let Some(site) = organizer.site() {
                    mj-text padding="2px 24px" font-size="14px" { a class="link" href=(site) style=(link) { (site) } }
                }
                @if let Some(address) = organizer.support() {
                    mj-text padding="2px 24px" font-size="14px" {
                        (say!(words, "questions")) " "
                        a class="link" href=(format!("mailto:{address}")) style=(link) { (address) }
                    }
                }
            }
        }
    }
}

fn details(letter: &Letter, words: Language) -> Markup {
    let Some(with) = letter.tickets() else { return Markup::default() };
    let event = with.event;
    let times = words.times(event);
    html! {
        mj-section background-color=(CARD) css-class="card" padding="0 8px 8px" {
            mj-column {
                mj-divider border-color=(PAPER) border-width="2px" padding="4px 24px 12px" css-class="line" {}
                mj-text padding="2px 24px" font-weight="700" { (times.days) }
                mj-text padding="2px 24px" { (words.hours(&times)) }
                mj-text padding="10px 24px 2px" font-weight="700" { div dir="auto" { (event.venue_name) } }
                mj-text padding="0 24px" color=(GREY) font-size="14px" line-height="20px" css-class="grey" {
                    div dir="auto" {
                        @for line in address_lines(&event.venue_address, words).lines() { (line) br; }
                    }
                }
                mj-text padding="4px 24px" color=(GREY) font-size="12px" css-class="grey" {
                    (say!(words, "clocks-of", zone = event.timezone.name()))
                }
            }
        }
        mj-section background-color=(CARD) css-class="card" padding="0 8px 24px" {
            mj-column {
                mj-divider border-color=(PAPER) border-width="2px" padding="4px 24px 12px" css-class="line" {}
                mj-table padding="0 24px" color=(INK) font-size="14px" line-height="20px" {
                    @for ticket in with.tickets {
                        (row(&place(words, ticket), &[&ticket.ticket_type, &ticket.holder_name, &ticket.code],
                            Some(words.money(ticket.price))))
                    }
                    @if let Some(total) = letter.total(words) {
                        tr {
                            td style="padding:10px 0 0;font-weight:700" { (say!(words, "paid")) }
                            td style="padding:10px 0 0;font-weight:700;text-align:right" { (total) }
                        }
                    }
                }
            }
        }
    }
}

/// Which tickets went back.
fn refunded(refund: &RefundedTickets, words: Language) -> Markup {
    html! {
        mj-section background-color=(CARD) css-class="card" padding="0 8px 24px" {
            mj-column {
                mj-table padding="0 24px" color=(INK) font-size="14px" line-height="20px" {
                    @for ticket in &refund.tickets { (row(&place_of(words, ticket), &about(words, ticket), None)) }
                }
            }
        }
    }
}

fn row(place: &str, about: &[&str], price: Option<String>) -> Markup {
    let line = format!("border-bottom:1px solid {PAPER};padding:8px 0");
    html! {
        tr {
            td style=(line) {
                b { bdi { (place) } } br;
                span class="grey" style=(format!("color:{GREY}")) {
                    @for (index, part) in about.iter().enumerate() {
                        @if index > 0 { " · " }
                        bdi style=[(index == 2).then_some("white-space:nowrap")] { (part) }
                    }
                }
            }
            @if let Some(price) = price {
                td style=(format!("{line};text-align:right;white-space:nowrap")) { (price) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{NotificationId, UserId};

    use super::*;
    use crate::domain::{
        letter::Rescheduled,
        samples::{order, refund, rescheduled, ticket},
    };

    fn letter() -> Letter {
        let tickets =
            vec![ticket("Ada <b>", "ada@example.org", "104"), ticket("Bob", "b@example.org", "105")];
        let mut order = order(UserId::new(), tickets);
        order.event.title = "Die Zauberflöte & <Friends>".to_owned();
        Letter::OrderConfirmed {
            name: "Ada".to_owned(),
            order: Box::new(order),
            unmailed: Vec::new(),
            claim: None,
        }
    }

    fn written(letter: Letter, words: Language, unsubscribe: Option<String>) -> String {
        let mail = Mail {
            id: NotificationId::new(),
            address: "ada@example.org".to_owned(),
            name: "Ada".to_owned(),
            written_at: chrono::DateTime::UNIX_EPOCH,
            letter,
            language: words,
            unsubscribe,
            organizer: None,
        };
        page(&mail, "https://odysseus.test").unwrap()
    }

    #[test]
    fn the_page_says_what_the_text_says_and_escapes_it() {
        let page = written(letter(), Language::English, None);
        for part in [
            "Die Zauberflöte &amp; &lt;Friends&gt;",
            "Saturday, 13 March 2027",
            "Doors 19:00 · Starts 20:00 CET",
            "seat 105",
            "Ada &lt;b&gt;",
            "99.00 EUR",
        ] {
            assert!(page.contains(part), "{part:?} is missing in {page}");
        }
        assert!(page.starts_with("<!doctype html>") && !page.contains("<mj-"), "{page}");
    }

    #[test]
    fn names_in_hebrew_stand_apart_from_what_is_around_them() {
        let mut order = order(UserId::new(), vec![ticket("שרה כהן", "sarah@example.org", "12")]);
        order.event.title = "מופע Jazz Night 2027".to_owned();
        order.event.venue_name = "היכל התרבות 12".to_owned();
        let letter = Letter::OrderConfirmed {
            name: "Ada".to_owned(),
            order: Box::new(order),
            unmailed: Vec::new(),
            claim: None,
        };
        let page = written(letter, Language::English, None);
        for part in [
            "<div dir=\"auto\">מופע Jazz Night 2027</div>",
            "<div dir=\"auto\">היכל התרבות 12</div>",
            "<bdi>שרה כהן</bdi>",
        ] {
            assert!(page.contains(part), "{part:?} is missing in {page}");
        }
    }

    #[test]
    fn the_page_lists_tickets_that_went_back_and_escapes_them() {
        let tickets = vec![ticket("שרה <b>", "sarah@example.org", "104"), ticket("", "b@example.org", "105")];
        let order = order(UserId::new(), tickets);
        let letter = RefundedTickets::to_the_buyer("Ada", &refund(&order, &order.tickets));
        let page = written(Letter::TicketsRefunded(letter), Language::English, None);
        for part in [
            "99.00 EUR of your order ODY-7F3K2M",
            "The organizer says: The gallery is closed",
            "<b><bdi>Stalls left, row 12, seat 104</bdi></b>",
            "<bdi>Stalls, full price</bdi> · <bdi>שרה &lt;b&gt;</bdi></span>",
            "<bdi>Stalls, full price</bdi></span>",
        ] {
            assert!(page.contains(part), "{part:?} is missing in {page}");
        }
        assert!(!page.contains("Paid") && !page.contains("K7PM") && !page.contains("<mj-"), "{page}");
    }

    #[test]
    fn the_page_of_a_move_says_both_times_and_keeps_names_of_other_scripts_apart() {
        let mut told = rescheduled(&order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]));
        told.event.title = "מופע Jazz & Night 2027".to_owned();
        told.event.timezone = "Asia/Kathmandu".parse().unwrap();
        told.reason = Some("הזמר <חולה> 12".to_owned());
        let letter = Letter::EventRescheduled(Rescheduled::to_the_buyer("שרה כהן", &told));
        let page = written(letter, Language::English, None);
        for part in [
            "New time: \u{2068}מופע Jazz &amp; Night 2027\u{2069}",
            "Hello \u{2068}שרה כהן\u{2069},",
            "New: Sunday, 21 March 2027 · Doors Saturday, 20 March 2027, 23:45 · Starts 00:45 UTC+05:45",
            "Before: Sunday, 14 March 2027, 00:45 UTC+05:45",
            "All times are those of Asia/Kathmandu.",
            "The organizer says: \u{2068}הזמר &lt;חולה&gt; 12\u{2069}",
            "until Friday, 12 March 2027, 16:45 UTC+05:45",
        ] {
            assert!(page.contains(part), "{part:?} is missing in {page}");
        }
    }

    #[test]
    fn the_page_asks_nobody_for_anything() {
        let page = written(letter(), Language::English, None);
        assert!(!page.contains("googleapis") && !page.contains("<img") && !page.contains("<link"), "{page}");
        for address in
            page.split("http").skip(1).filter(|rest| rest.starts_with("s://") || rest.starts_with("://"))
        {
            let address = address.split(['"', '\'', '<', ' ']).next().unwrap();
            assert!(address.contains("odysseus.test") || address.contains("w3.org"), "{address}");
        }
    }

    #[test]
    fn a_link_is_a_button_and_stands_there_to_be_copied() {
        let link = "https://odysseus.test/account/verify#token=a&b=c";
        let letter = Letter::Account {
            name: Some("Ada <b>".to_owned()),
            timezone: "Europe/Vienna".parse().unwrap(),
            mail: contracts::account_mail::AccountMail::VerifyAddress {
                link: link.to_owned(),
                expires_at: "2027-03-13T19:00:00Z".parse().unwrap(),
            },
        };
        let page = written(letter, Language::English, None);
        let written = link.replace('&', "&amp;");
        assert!(page.contains(&format!("href=\"{written}\"")), "{page}");
        assert!(page.matches(&written).count() >= 2 && page.contains("Ada &lt;b&gt;"), "{page}");
    }

    #[test]
    fn a_page_in_german_says_so_to_screen_readers_and_stops_its_kind_where_that_can_be_stopped() {
        let link = "https://odysseus.test/api/notifications/v1/unsubscribe/abc";
        let page = written(letter(), Language::German, Some(link.to_owned()));
        for part in [
            "lang=\"de\"",
            "Guten Tag Ada,",
            "Samstag, 13. März 2027",
            "Einlass 19:00 · Beginn 20:00 MEZ · Ende 23:00",
            "Platz 105",
            "99,00 EUR",
            "Bezahlt",
            "Keine E-Mails dieser Art mehr",
            &format!("href=\"{link}\""),
        ] {
            assert!(page.contains(part), "{part:?} is missing in {page}");
        }
    }
}
