//! Invoices say what was charged, and credit notes what goes back, whatever is sold on whichever terms.

use contracts::{
    events::{EventFacts, EventStatus},
    invoices::{Invoice, InvoiceKind},
    settings::{EventTerms, OrganizationSettings, Seller},
};
use kernel::{Currency, EventId, OrderId, OrganizationId, ReservationId, TimeZone, UserId, VenueId};
use proptest::{collection::vec, prelude::*};

use super::{refund_properties::refunds, shops::shops, *};
use crate::domain::entities::{
    Contact, Creditable, Given, KnownEvent, MadeOf, Numbered, OrderMoney, OrderSnapshot, OrderStatus,
    invoice_of,
};

const AT: &str = "2027-01-01T00:00:00Z";

fn at() -> chrono::DateTime<chrono::Utc> {
    AT.parse().unwrap()
}

fn event(currency: Currency) -> KnownEvent {
    let seller = Seller { legal_name: None, address: Some("1 Road\nTown".to_owned()), tax_number: None };
    KnownEvent {
        id: EventId::new(),
        version: 1,
        facts: EventFacts {
            organization_id: OrganizationId::new(),
            slug: "an-evening".to_owned(),
            title: "An evening".to_owned(),
            status: EventStatus::Published,
            public: None,
            venue_id: VenueId::new(),
            venue_name: "Hall".to_owned(),
            venue_address: "1 Road\nTown".to_owned(),
            city: "Town".to_owned(),
            layout_id: None,
            starts_at: at(),
            ends_at: at(),
            doors_at: None,
            timezone: TimeZone::UTC,
            currency,
            shows_stock: true,
        },
        opened: true,
        moved_at: None,
        refundable_until: None,
        settings_version: 1,
        settings: std::sync::Arc::new(OrganizationSettings { seller, ..OrganizationSettings::default() }),
        own_terms: EventTerms::default(),
        taxed_since: 0,
        orphan_seat_rule: false,
    }
}

fn order(priced: &PriceBreakdown) -> OrderSnapshot {
    OrderSnapshot {
        id: OrderId::new(),
        number: "ODY-7K3MQ2ZT".to_owned(),
        reservation: ReservationId::new(),
        event: EventId::new(),
        buyer: UserId::new(),
        status: OrderStatus::Completed,
        total: priced.total().unwrap(),
        breakdown: Some(priced.clone()),
        quantity: priced.quantity(),
        attendees: Vec::new(),
        created_at: at(),
        expires_at: at(),
        money: OrderMoney::default(),
        refund_policy: RefundPolicy::default(),
        given: Given::default(),
        claimed_from: None,
        version: 1,
    }
}

fn name(_: TicketTypeId) -> String {
    "Seat".to_owned()
}

fn invoiced(order: &OrderSnapshot, priced: &PriceBreakdown) -> Invoice {
    let (name_of_buyer, locale) = (Some("Ada".to_owned()), Some("de-AT".to_owned()));
    let contact = Contact { name: name_of_buyer, email: None, phone: None, locale };
    let numbered = Numbered { count: 7, organization: Some("Opera".to_owned()), contact: Some(contact) };
    invoice_of(order, priced, &event(priced.currency()), numbered, name, at()).unwrap()
}

fn total_of(amounts: impl Iterator<Item = Money>) -> i64 {
    amounts.map(|amount| amount.minor).sum()
}

/// Everything in it sums: lines, fees and taxes.
fn adds_up(invoice: &Invoice) -> Result<(), TestCaseError> {
    let lines = || invoice.lines.iter();
    prop_assert_eq!(total_of(lines().map(|line| line.total)), invoice.total.minor);
    for line in lines() {
        let on_top = line.tax.as_ref().filter(|tax| !tax.included).map_or(0, |tax| tax.amount.minor);
        let sum = line.amount.minor - line.discount.minor + line.fees.minor + on_top;
        prop_assert_eq!(sum, line.total.minor, "{:?}", line);
        prop_assert!([line.amount, line.discount, line.fees, line.total].iter().all(|part| part.minor >= 0));
    }
    prop_assert_eq!(
        total_of(lines().map(|line| line.fees)),
        total_of(invoice.fees.iter().map(|fee| fee.amount))
    );
    let taxed = |line: &&contracts::invoices::InvoiceLine| line.tax.is_some();
    let gross = total_of(lines().filter(taxed).map(|line| line.total));
    prop_assert_eq!(gross, total_of(invoice.taxes.iter().flat_map(|tax| [tax.net, tax.amount])));
    let in_lines = total_of(lines().filter_map(|line| Some(line.tax.as_ref()?.amount)));
    prop_assert_eq!(in_lines, total_of(invoice.taxes.iter().map(|tax| tax.amount)));
    let ways: std::collections::BTreeSet<_> =
        invoice.taxes.iter().map(|tax| (&tax.name, tax.rate, tax.included)).collect();
    prop_assert_eq!(ways.len(), invoice.taxes.len(), "each way of taxing is there once");
    Ok(())
}

/// The credit note of what goes back of what an invoice says.
fn credit_note_of(back: &PriceBreakdown, invoice: &Invoice, at: chrono::DateTime<chrono::Utc>) -> Invoice {
    let creditable = Creditable::of(vec![invoice.clone()]).unwrap().unwrap();
    creditable.note(MadeOf::of(back, name).unwrap(), 1, at).unwrap()
}

#[test]
fn an_invoice_says_who_sold_what_to_whom() {
    let terms = Terms {
        tax: Some(tax("VAT", "20", true, TaxedOnce::PerLine)),
        fees: vec![fee("Service", FeeAmount::Percent(rate("10")), BorneBy::Buyer)],
        ..Terms::plain(Currency::EUR)
    };
    let of_type = TicketTypeId::new();
    let listed = listed(Money::new(1000, Currency::EUR), &terms, of_type).unwrap();
    let cart = [CartLine { ticket_type: of_type, unit_price: listed, quantity: 3 }];
    let priced = price(&cart, &terms, Some(&code(Off::Percent(rate("50"))))).unwrap();
    let order = order(&priced);
    let invoice = invoiced(&order, &priced);
    assert_eq!((invoice.number.as_str(), invoice.kind), ("2027-000007", InvoiceKind::Invoice));
    assert_eq!(invoice.seller.name, "Opera", "the organization's own name, where there is no other");
    assert_eq!(invoice.buyer.name.as_deref(), Some("Ada"));
    assert_eq!((invoice.order_number.as_str(), invoice.code.as_deref()), ("ODY-7K3MQ2ZT", Some("SPRING")));
    let line = &invoice.lines[0];
    assert_eq!((line.text.as_str(), line.quantity, line.unit_price.minor), ("Seat", 3, 1100));
    assert_eq!(
        (line.amount.minor, line.discount.minor, line.fees.minor, line.total.minor),
        (3000, 1500, 150, 1650)
    );
    assert_eq!((invoice.fees[0].name.as_str(), invoice.fees[0].amount.minor), ("Service", 150));
    assert_eq!((invoice.taxes[0].net.minor, invoice.taxes[0].amount.minor), (1375, 275));
    assert_eq!(invoice.total.minor, 1650);

    let units: Vec<TicketUnit> = priced.units().take(1).collect();
    let half = RefundTerms { percent: rate("50"), fees_kept: true };
    let refund = priced.refund(&units, &[], half).unwrap();
    let later = "2028-02-03T00:00:00Z".parse().unwrap();
    let note = credit_note_of(&refund, &invoice, later);
    assert_eq!((note.number.as_str(), note.kind), ("CN-2028-000001", InvoiceKind::CreditNote));
    assert_eq!(note.corrects.as_deref(), Some("2027-000007"));
    assert_eq!(
        (invoice.locale.as_deref(), note.locale.as_deref()),
        (Some("de-AT"), Some("de-AT")),
        "both are in the buyer's language"
    );
    assert_eq!((&note.seller, &note.buyer, &note.event), (&invoice.seller, &invoice.buyer, &invoice.event));
    assert_ne!(note.id, invoice.id);
    assert_eq!((note.total.minor, note.fees.len()), (250, 0), "half of 5.00, and nothing of the fees");
    assert_eq!(note.taxes[0].rate, invoice.taxes[0].rate);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_invoice_is_what_was_charged_and_credit_notes_of_everything_take_all_of_it_back(
        shop in shops(), groups in vec(0..5_u8, 1..40),
    ) {
        let Some(priced) = shop.price() else { return Ok(()) };
        let order = order(&priced);
        let invoice = invoiced(&order, &priced);
        prop_assert_eq!(invoice.total, order.total);
        adds_up(&invoice)?;
        let terms = RefundTerms { percent: Rate::WHOLE, fees_kept: false };
        let (mut back, mut taxes) = (0, 0);
        refunds(&priced, &groups, |going, gone| {
            let refund = priced.refund(going, gone, terms).unwrap();
            let note = credit_note_of(&refund, &invoice, at());
            adds_up(&note)?;
            prop_assert_eq!(note.total, refund.total().unwrap());
            back += note.total.minor;
            taxes += total_of(note.taxes.iter().map(|tax| tax.amount));
            Ok(())
        })?;
        prop_assert_eq!(back, invoice.total.minor);
        prop_assert_eq!(taxes, total_of(invoice.taxes.iter().map(|tax| tax.amount)));
    }

    #[test]
    fn a_credit_note_of_a_part_is_what_goes_back(
        shop in shops(), groups in vec(0..5_u8, 1..40), percent in 0..=100_u32, fees_kept: bool,
    ) {
        let Some(priced) = shop.price() else { return Ok(()) };
        let order = order(&priced);
        let invoice = invoiced(&order, &priced);
        let terms = RefundTerms { percent: Rate::percent(percent), fees_kept };
        refunds(&priced, &groups, |going, gone| {
            let refund = priced.refund(going, gone, terms).unwrap();
            let note = credit_note_of(&refund, &invoice, at());
            prop_assert_eq!(note.total, refund.total().unwrap());
            prop_assert!(!fees_kept || note.fees.is_empty());
            adds_up(&note)
        })?;
    }
}
