//! The mail as a page: MJML, which mrml turns into the HTML that mail programs understand.

use kernel::{Fault, Money};
use maud::{Markup, PreEscaped, html};
use mrml::prelude::render::RenderOptions;
use printing::{WrittenTimes, address_lines};

use super::look::{CARD, GREY, INK, Look, PAPER};
use crate::domain::{
    entities::Organizer,
    letter::{Letter, RefundedTickets, about, place, place_of},
};

const FONTS: &str = "Helvetica, Arial, sans-serif";

/// The whole page. What people have named runs in the direction of its own letters, whatever stands around it.
pub(super) fn page(
    letter: &Letter,
    public_url: &str,
    organizer: Option<&Organizer>,
) -> Result<String, Fault> {
    let template = template(letter, public_url, organizer).into_string();
    let parsed = mrml::parse(&template).map_err(|cause| Fault::new("reading a mail's template", cause))?;
    // No fonts from elsewhere: a mail does not tell anybody that it was opened.
    let options = RenderOptions { fonts: std::collections::HashMap::new(), ..RenderOptions::default() };
    parsed.element.render(&options).map_err(|cause| Fault::new("rendering a mail", cause))
}

fn template(letter: &Letter, public_url: &str, organizer: Option<&Organizer>) -> Markup {
    let heading = match letter.tickets() {
        Some(with) => with.event.title.clone(),
        None => letter.subject(),
    };
    let look = Look::of(organizer);
    let is_all =
        letter.tickets().is_none() && !matches!(letter, Letter::TicketsRefunded(_)) && organizer.is_none();
    let padding = if is_all { "20px 8px" } else { "20px 8px 8px" };
    let sender = organizer.and_then(Organizer::called).unwrap_or_else(|| "Odysseus".to_owned());
    html! {
        mjml lang="en" {
            mj-head {
                mj-title { (letter.subject()) }
                mj-preview { (letter.opening().get(1).map(String::as_str).unwrap_or_default()) }
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
                        @for paragraph in letter.opening() {
                            mj-text padding="6px 24px" { (paragraph) }
                        }
                        @if let Some((what, link)) = letter.action() {
                            mj-button href=(link) background-color=(look.button) color=(look.button.ink()) padding="16px 24px"
                                css-class="button" { (what) }
                            mj-text padding="0 24px 12px" color=(GREY) font-size="12px" line-height="18px" css-class="grey" {
                                (link)
                            }
                        }
                    }
                }
                @if letter.tickets().is_some() { (details(letter)) }
                @if let Letter::TicketsRefunded(refund) = letter { (refunded(refund)) }
                @if let Some(organizer) = organizer { (signature(organizer, &look)) }
                mj-section padding="16px 8px" css-class="below" {
                    mj-column {
                        mj-text align="center" color=(GREY) font-size="12px" {
                            "Sent by Odysseus · "
                            a href=(public_url) style=(format!("color:{GREY}")) { (public_url) }
                        }
                    }
                }
            }
        }
    }
}

/// Who organizes the event, and where to ask.
fn signature(organizer: &Organizer, look: &Look) -> Markup {
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
                        "Questions? Write to "
                        a class="link" href=(format!("mailto:{address}")) style=(link) { (address) }
                    }
                }
            }
        }
    }
}

fn details(letter: &Letter) -> Markup {
    let Some(with) = letter.tickets() else { return Markup::default() };
    let event = with.event;
    let times = WrittenTimes::of(event);
    html! {
        mj-section background-color=(CARD) css-class="card" padding="0 8px 8px" {
            mj-column {
                mj-divider border-color=(PAPER) border-width="2px" padding="4px 24px 12px" css-class="line" {}
                mj-text padding="2px 24px" font-weight="700" { (times.days) }
                mj-text padding="2px 24px" { (times.doors_and_start()) " · Ends " (times.ends) }
                mj-text padding="10px 24px 2px" font-weight="700" { div dir="auto" { (event.venue_name) } }
                mj-text padding="0 24px" color=(GREY) font-size="14px" line-height="20px" css-class="grey" {
                    div dir="auto" {
                        @for line in address_lines(&event.venue_address).lines() { (line) br; }
                    }
                }
                mj-text padding="4px 24px" color=(GREY) font-size="12px" css-class="grey" {
                    "All times are those of " (event.timezone.name()) "."
                }
            }
        }
        mj-section background-color=(CARD) css-class="card" padding="0 8px 24px" {
            mj-column {
                mj-divider border-color=(PAPER) border-width="2px" padding="4px 24px 12px" css-class="line" {}
                mj-table padding="0 24px" color=(INK) font-size="14px" line-height="20px" {
                    @for ticket in with.tickets {
                        (row(&place(ticket), &[&ticket.ticket_type, &ticket.holder_name, &ticket.code], Some(ticket.price)))
                    }
                    @if let Some(total) = letter.total() {
                        tr {
                            td style="padding:10px 0 0;font-weight:700" { "Paid" }
                            td style="padding:10px 0 0;font-weight:700;text-align:right" { (total) }
                        }
                    }
                }
            }
        }
    }
}

/// Which tickets went back.
fn refunded(refund: &RefundedTickets) -> Markup {
    html! {
        mj-section background-color=(CARD) css-class="card" padding="0 8px 24px" {
            mj-column {
                mj-table padding="0 24px" color=(INK) font-size="14px" line-height="20px" {
                    @for ticket in &refund.tickets { (row(&place_of(ticket), &about(ticket), None)) }
                }
            }
        }
    }
}

fn row(place: &str, about: &[&str], price: Option<Money>) -> Markup {
    let line = format!("border-bottom:1px solid {PAPER};padding:8px 0");
    html! {
        tr {
            td style=(line) {
                b { bdi { (place) } } br;
                span class="grey" style=(format!("color:{GREY}")) {
                    @for (index, part) in about.iter().enumerate() {
                        @if index > 0 { " · " }
                        bdi { (part) }
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
    use kernel::UserId;

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
        Letter::OrderConfirmed { name: "Ada".to_owned(), order: Box::new(order), unmailed: Vec::new() }
    }

    #[test]
    fn the_page_says_what_the_text_says_and_escapes_it() {
        let page = page(&letter(), "https://odysseus.test", None).unwrap();
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
        let letter =
            Letter::OrderConfirmed { name: "Ada".to_owned(), order: Box::new(order), unmailed: Vec::new() };
        let page = page(&letter, "https://odysseus.test", None).unwrap();
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
        let page = page(&Letter::TicketsRefunded(letter), "https://odysseus.test", None).unwrap();
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
        let page = page(
            &Letter::EventRescheduled(Rescheduled::to_the_buyer("שרה כהן", &told)),
            "https://odysseus.test",
            None,
        )
        .unwrap();
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
        let page = page(&letter(), "https://odysseus.test", None).unwrap();
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
        let page = page(&letter, "https://odysseus.test", None).unwrap();
        let written = link.replace('&', "&amp;");
        assert!(page.contains(&format!("href=\"{written}\"")), "{page}");
        assert!(page.matches(&written).count() >= 2 && page.contains("Ada &lt;b&gt;"), "{page}");
    }
}
