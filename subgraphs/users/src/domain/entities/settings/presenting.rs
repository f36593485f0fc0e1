use contracts::settings::{Branding, Seller};
use kernel::{Change, EmailAddress, Refusal, each, line, optional_line, paragraph, reasons, together};

/// The most characters of a seller's legal name.
const LONGEST_NAME: usize = 200;
/// The most characters of a postal address.
const LONGEST_ADDRESS: usize = 500;
/// The most lines of a postal address.
const MOST_LINES: usize = 8;
/// The most characters of a tax number.
const LONGEST_TAX_NUMBER: usize = 50;
/// The most characters of a website's address.
const LONGEST_WEBSITE: usize = 2_000;

/// Who sells, as it was typed. An empty text takes away what was there.
#[derive(Clone, Debug, Default)]
pub struct SellerAsk {
    /// The legal name.
    pub legal_name: Change<String>,
    /// The postal address, in lines.
    pub address: Change<String>,
    /// The number under which taxes are paid.
    pub tax_number: Change<String>,
}

/// How an organization looks, as it was typed. An empty text takes away what was there.
#[derive(Clone, Debug, Default)]
pub struct BrandingAsk {
    /// The accent colour.
    pub colour: Change<String>,
    /// The website.
    pub website: Change<String>,
    /// Where buyers write to.
    pub support_email: Change<String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct SellerChange {
    legal_name: Change<String>,
    address: Change<String>,
    tax_number: Change<String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct BrandingChange {
    colour: Change<String>,
    website: Change<String>,
    support_email: Change<String>,
}

impl SellerAsk {
    pub(super) fn read(self) -> Result<SellerChange, Refusal> {
        let read = (
            self.legal_name.read(|text| optional_line("legalName", Some(&text), LONGEST_NAME)),
            self.address.read(|text| address(&text)),
            self.tax_number.read(|text| optional_line("taxNumber", Some(&text), LONGEST_TAX_NUMBER)),
        );
        let (legal_name, address, tax_number) = together(read).map_err(|refusal| refusal.within("seller"))?;
        Ok(SellerChange { legal_name, address, tax_number })
    }
}

impl SellerChange {
    pub(super) fn apply(self, to: &mut Seller) {
        self.legal_name.apply(&mut to.legal_name);
        self.address.apply(&mut to.address);
        self.tax_number.apply(&mut to.tax_number);
    }
}

impl BrandingAsk {
    pub(super) fn read(self) -> Result<BrandingChange, Refusal> {
        let email = |text: &str| EmailAddress::parse("supportEmail", text).map(|it| it.as_str().to_owned());
        let read = (
            self.colour.read(|text| unless_empty(&text, colour)),
            self.website.read(|text| unless_empty(&text, |text| web_address("website", text))),
            self.support_email.read(|text| unless_empty(&text, email)),
        );
        let (colour, website, support_email) =
            together(read).map_err(|refusal| refusal.within("branding"))?;
        Ok(BrandingChange { colour, website, support_email })
    }
}

impl BrandingChange {
    pub(super) fn apply(self, to: &mut Branding) {
        self.colour.apply(&mut to.colour);
        self.website.apply(&mut to.website);
        self.support_email.apply(&mut to.support_email);
    }
}

fn unless_empty(
    text: &str,
    read: impl FnOnce(&str) -> Result<String, Refusal>,
) -> Result<Option<String>, Refusal> {
    if text.trim().is_empty() { Ok(None) } else { read(text).map(Some) }
}

/// A postal address: at most eight lines, without empty ones.
fn address(text: &str) -> Result<Option<String>, Refusal> {
    let text = paragraph("address", text, LONGEST_ADDRESS)?;
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() > MOST_LINES {
        let refusal = Refusal::bad_input("address", format!("must have at most {MOST_LINES} lines"));
        return Err(refusal.because(reasons::WRONG_COUNT));
    }
    let lines = each(lines.into_iter().map(|text| line("address", text, LONGEST_ADDRESS)))?;
    Ok(Some(lines.join("\n")).filter(|address| !address.is_empty()))
}

fn colour(text: &str) -> Result<String, Refusal> {
    let digits = text.trim().strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(format!("#{}", digits.to_ascii_lowercase()))
    } else {
        let refusal = Refusal::bad_input("colour", "must be a colour such as #1a2b3c");
        Err(refusal.because(reasons::MALFORMED))
    }
}

/// The address of a page, to which pages and mails link.
pub(super) fn web_address(field: &str, text: &str) -> Result<String, Refusal> {
    let wrong = || {
        let message = "must be an address that begins with https:// or http://, without a user's name";
        Refusal::bad_input(field, message).because(reasons::MALFORMED)
    };
    let text = line(field, text, LONGEST_WEBSITE)?;
    let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
    let scheme = scheme.to_ascii_lowercase();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // Nothing that could leave an attribute of HTML.
    let leaves = |char: char| char.is_whitespace() || "\"'<>\\`".contains(char);
    let is_web = matches!(scheme.as_str(), "https" | "http");
    if !is_web
        || host.is_empty()
        || host.starts_with([':', '.'])
        || host.contains('@')
        || rest.contains(leaves)
    {
        return Err(wrong());
    }
    Ok(format!("{scheme}://{rest}"))
}
