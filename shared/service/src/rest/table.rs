use csv::{Terminator, WriterBuilder};
use kernel::Fault;

/// Without it Excel takes a table of UTF-8 for one of its own code page.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A table for spreadsheets, after RFC 4180, with the mark by which Excel knows UTF-8. Cells are written as they are:
/// what is anybody's text goes through [`text_cell`] first.
pub fn table<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    lines: impl Iterator<Item = [String; COLUMNS]>,
) -> Result<Vec<u8>, Fault> {
    written(header, lines).map_err(|cause| Fault::new("writing a table", cause))
}

fn written<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    lines: impl Iterator<Item = [String; COLUMNS]>,
) -> Result<Vec<u8>, csv::Error> {
    let into = BYTE_ORDER_MARK.as_bytes().to_vec();
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(into);
    table.write_record(header)?;
    for line in lines {
        table.write_record(line)?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

/// Text that a spreadsheet would take for a formula begins with an apostrophe, which makes it text again.
pub fn text_cell(text: &str) -> String {
    if text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
