//! How each country writes its addresses.
//!
//! Taken from the address metadata of Google's libaddressinput (June 2025), as far as the parts of an [`Address`] are
//! concerned. Left out are codes of the country before the postal code, such as `CH-`, and what every address of a
//! territory repeats, such as its own name.
//!
//! [`Address`]: super::address::Address

/// The lines of an address with `|` between them: A is the street, C the city, S the region, and Z the postal code. What
/// stands between two parts is written where both are there; a region is written where the form has one.
type Form = &'static str;

/// Of all countries that are not named below.
const USUAL: Form = "A|Z C";

/// Each form with the countries that have it, also where they have another one for their own script.
const FORMS: &[(Form, &str)] = &[
    ("A|C|Z", "AF AI FK GB GG GI GS IM IO JE KE LK NA PN SD SH SZ TC TT VG ZA"),
    ("A|C Z", "BH BM BN BT GU IL JO KH LB LS MT MV NP NZ SA SG VC"),
    ("A|C S Z", "AS AU CA CC CX FM HM MH MP NF PR PW UM VI"),
    ("A|C, S Z", "BB BS KN SO TW US"),
    ("A|Z C S", "EE ES IT LT MZ PF UY"),
    ("A|Z C|S", "AR CL CV MY UZ"),
    ("A|C|S|Z", "AE EG HK IE JM KI KR NR PA RU SC SR TV UA"),
    ("A|C|S Z", "ID KY MN TH VN"),
    ("A|Z|C", "AL EC MU OM"),
    ("A|C, S|Z", "HN IQ JP"),
    ("A|C Z|S", "IN NG PE"),
    ("A|C|S, Z", "CN KP"),
    ("A|C-S|Z", "BR"),
    ("A|Z C, S", "MX"),
    ("A|C, S, Z", "CO"),
    ("A|C S|Z", "CU"),
    ("A|S, C|Z", "CR"),
    ("A|C Z, S", "VE"),
    ("A|C Z S", "PG"),
    ("A|C|Z S", "PH"),
    ("A|Z|C, S", "NI"),
    ("A|Z|C|S", "AM"),
    ("A|Z-C|S", "SV"),
    ("A|Z, C|S", "BY"),
    ("A|Z C/S", "TR"),
    ("A|Z S C", "RO"),
    ("A|S|C, Z", "LV"),
    ("A|C, Z", "MM"),
    ("A|C - Z", "BD"),
    ("A|C-Z", "PK"),
    ("A|Z- C", "GT"),
    ("Z A C", "GN"),
    ("C|A|Z", "HU"),
    ("S|C|A|Z", "IR"),
    ("Z|S|C|A", "KZ"),
];

/// The forms of countries that write from the large to the small in their own script.
const FORMS_OF_OWN_SCRIPT: &[(Form, &str)] =
    &[("Z|SC|A", "CN TW"), ("〒Z|SC|A", "JP"), ("S C|A|Z", "KR"), ("S|C|A|Z", "HK"), ("Z|S|C|A", "KP")];

/// The parts of an address that a form puts in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    pub(super) street: Option<&'a str>,
    pub(super) city: &'a str,
    pub(super) region: Option<&'a str>,
    pub(super) postal_code: Option<&'a str>,
}

impl Parts<'_> {
    /// The lines of the address as this country writes them, without the country itself.
    pub(super) fn lines(self, country: &str) -> Vec<String> {
        let lines = self.form(country).split('|').map(|form| self.line(form));
        lines.filter(|line| !line.is_empty()).collect()
    }

    fn form(self, country: &str) -> Form {
        let of_country = |forms: &[(Form, &str)]| {
            let found = forms.iter().find(|(_, countries)| countries.split(' ').any(|code| code == country));
            found.map(|(form, _)| *form)
        };
        let own_script = self.is_in_east_asian_script().then(|| of_country(FORMS_OF_OWN_SCRIPT)).flatten();
        own_script.or_else(|| of_country(FORMS)).unwrap_or(USUAL)
    }

    fn line(self, form: &str) -> String {
        let mut line = String::new();
        let (mut between, mut begins) = (String::new(), true);
        for letter in form.chars() {
            let part = match letter {
                'A' => self.street,
                'C' => Some(self.city),
                'S' => self.region,
                'Z' => self.postal_code,
                mark => {
                    between.push(mark);
                    continue;
                }
            };
            if let Some(part) = part {
                if begins || !line.is_empty() {
                    line.push_str(&between);
                }
                line.push_str(part);
            }
            between.clear();
            begins = false;
        }
        line
    }

    fn is_in_east_asian_script(self) -> bool {
        let mut letters = self.city.chars().chain(self.street.unwrap_or_default().chars());
        let east_asian = |letter| {
            matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
                || matches!(letter, '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
                || matches!(letter, '\u{20000}'..='\u{323af}')
        };
        letters.any(east_asian)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use printing::is_country;

    use super::*;

    fn all() -> impl Iterator<Item = &'static (Form, &'static str)> {
        FORMS.iter().chain(FORMS_OF_OWN_SCRIPT)
    }

    /// The lines of an address, with `|` between them; an empty part is none.
    fn written(country: &str, [street, city, region, postal_code]: [&str; 4]) -> String {
        let part = |text| Some(text).filter(|text: &&str| !text.is_empty());
        let parts =
            Parts { street: part(street), city, region: part(region), postal_code: part(postal_code) };
        parts.lines(country).join("|")
    }

    #[test]
    fn an_address_is_written_as_its_country_writes_it() {
        for (country, parts, expected) in [
            ("AT", ["Brückengasse 4", "Wien", "", "1060"], "Brückengasse 4|1060 Wien"),
            ("DE", ["Kranuferstraße 1", "Berlin", "Berlin", "10243"], "Kranuferstraße 1|10243 Berlin"),
            ("CH", ["Rämistrasse 34", "Zürich", "", "8001"], "Rämistrasse 34|8001 Zürich"),
            ("FR", ["8 rue Scribe", "Paris", "", "75009"], "8 rue Scribe|75009 Paris"),
            ("GB", ["7 Alderman’s Court", "London", "", "WC2E 9ZZ"], "7 Alderman’s Court|London|WC2E 9ZZ"),
            (
                "IE",
                ["26 Abbey St", "Dublin 1", "Co. Dublin", "D01 K0F1"],
                "26 Abbey St|Dublin 1|Co. Dublin|D01 K0F1",
            ),
            ("US", ["1 Main St", "New York", "NY", "10001"], "1 Main St|New York, NY 10001"),
            ("CA", ["290 Elgin St", "Ottawa", "ON", "K2P 2R4"], "290 Elgin St|Ottawa ON K2P 2R4"),
            ("AU", ["Bennelong Point", "Sydney", "NSW", "2000"], "Bennelong Point|Sydney NSW 2000"),
            ("NZ", ["50 Mayoral Drive", "Auckland", "", "1010"], "50 Mayoral Drive|Auckland 1010"),
            (
                "BR",
                ["Rua Lapa, 47", "Rio de Janeiro", "RJ", "20021-170"],
                "Rua Lapa, 47|Rio de Janeiro-RJ|20021-170",
            ),
            ("IT", ["Via Filodrammatici 2", "Milano", "MI", "20121"], "Via Filodrammatici 2|20121 Milano MI"),
            (
                "MX",
                ["Eje Central 1", "Ciudad de México", "CDMX", "06050"],
                "Eje Central 1|06050 Ciudad de México, CDMX",
            ),
            ("AR", ["Cerrito 628", "Buenos Aires", "CABA", "C1010"], "Cerrito 628|C1010 Buenos Aires|CABA"),
            ("IN", ["NCPA Marg", "Mumbai", "Maharashtra", "400021"], "NCPA Marg|Mumbai 400021|Maharashtra"),
            (
                "JP",
                ["3-8-1 Kawazoe", "Shibuya-ku", "Tokyo", "150-0099"],
                "3-8-1 Kawazoe|Shibuya-ku, Tokyo|150-0099",
            ),
            ("JP", ["千代田1-1", "千代田区", "東京都", "100-8111"], "〒100-8111|東京都千代田区|千代田1-1"),
            ("CN", ["西长安街2号", "北京市", "", "100031"], "100031|北京市|西长安街2号"),
            (
                "KR",
                ["남부순환로 2406", "서초구", "서울특별시", "06757"],
                "서울특별시 서초구|남부순환로 2406|06757",
            ),
            ("HK", ["文化中心", "尖沙咀", "九龍", ""], "九龍|尖沙咀|文化中心"),
            ("KP", ["승리거리", "중구역", "평양시", "999093"], "999093|평양시|중구역|승리거리"),
            ("HU", ["Andrássy út 22", "Budapest", "", "1061"], "Budapest|Andrássy út 22|1061"),
        ] {
            assert_eq!(written(country, parts), expected, "{country}");
        }
    }

    #[test]
    fn each_other_form_is_written_as_it_says() {
        for (country, expected) in [
            ("TH", "street|city|region 1"),
            ("OM", "street|1|city"),
            ("HN", "street|city, region|1"),
            ("CN", "street|city|region, 1"),
            ("CO", "street|city, region, 1"),
            ("CU", "street|city region|1"),
            ("CR", "street|region, city|1"),
            ("VE", "street|city 1, region"),
            ("PG", "street|city 1 region"),
            ("PH", "street|city|1 region"),
            ("NI", "street|1|city, region"),
            ("AM", "street|1|city|region"),
            ("SV", "street|1-city|region"),
            ("BY", "street|1, city|region"),
            ("TR", "street|1 city/region"),
            ("RO", "street|1 region city"),
            ("LV", "street|region|city, 1"),
            ("MM", "street|city, 1"),
            ("BD", "street|city - 1"),
            ("PK", "street|city-1"),
            ("GT", "street|1- city"),
            ("GN", "1 street city"),
            ("IR", "region|city|street|1"),
            ("KZ", "1|region|city|street"),
        ] {
            assert_eq!(written(country, ["street", "city", "region", "1"]), expected, "{country}");
        }
    }

    #[test]
    fn nothing_stands_where_a_part_is_missing() {
        for (form, countries) in all() {
            for country in countries.split(' ') {
                assert_eq!(written(country, ["", "city", "", ""]), "city", "{form}: {country}");
            }
        }
        assert_eq!(written("US", ["1 Main St", "New York", "", "10001"]), "1 Main St|New York 10001");
        assert_eq!(written("US", ["", "New York", "NY", ""]), "New York, NY");
        assert_eq!(written("JP", ["", "千代田区", "", ""]), "千代田区");
        assert_eq!(written("AT", ["Stephansplatz", "Wien", "", ""]), "Stephansplatz|Wien");
    }

    #[test]
    fn each_form_has_street_city_and_postal_code_and_each_country_one_form() {
        for (form, _) in all() {
            let mut parts: Vec<char> = form.chars().filter(|char| char.is_alphanumeric()).collect();
            parts.retain(|part| *part != 'S');
            parts.sort_unstable();
            assert_eq!(parts, ['A', 'C', 'Z'], "{form}");
        }
        for forms in [FORMS, FORMS_OF_OWN_SCRIPT] {
            let codes: Vec<_> = forms.iter().flat_map(|(_, countries)| countries.split(' ')).collect();
            let unique: BTreeSet<_> = codes.iter().collect();
            assert_eq!(unique.len(), codes.len());
            assert!(codes.iter().all(|code| is_country(code)), "{codes:?}");
        }
    }
}
