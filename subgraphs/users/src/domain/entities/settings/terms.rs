use contracts::settings::SalesTerms;
use kernel::{Refusal, line, together};

use super::presenting::web_address;

/// The most characters of a version's name.
const LONGEST_VERSION: usize = 40;

/// Terms of business, as they were typed.
#[derive(Clone, Debug)]
pub struct TermsAsk {
    /// Where they are read.
    pub url: String,
    /// The name of their version.
    pub version: String,
}

impl TermsAsk {
    /// Reads them: the address of a page, and a name for the version of at most 40 characters. What is wrong is told within
    /// `terms`.
    pub(super) fn read(&self) -> Result<SalesTerms, Refusal> {
        let read = (web_address("url", &self.url), line("version", &self.version, LONGEST_VERSION));
        let (url, version) = together(read).map_err(|refusal| refusal.within("terms"))?;
        Ok(SalesTerms { url, version })
    }
}
