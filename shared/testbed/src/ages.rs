use std::{fmt::Write as _, fs, path::Path};

use service::{
    Database,
    retention::{self, Age},
};

use crate::tools::given;

/// Compares the ages that a service declares for its tables with its migrated schema, and with its section of
/// `docs/operations/retention.md`, which `UPDATE_SCHEMA=1` writes anew.
///
/// Panics where they differ.
pub async fn ages_are_declared(service: &str, database: &Database, ages: &[Age]) {
    let wrong = retention::compare(database, ages).await.expect("the schema can be read");
    assert!(wrong.is_empty(), "the ages of {service} beside its schema: {wrong:#?}");
    let mut wanted = "\n| Table | Kept |\n| --- | --- |\n".to_owned();
    for age in ages {
        writeln!(wanted, "| {age} |").expect("a text takes more text");
    }
    wanted.push('\n');
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations/retention.md");
    let text = fs::read_to_string(&file).expect("docs/operations/retention.md is there");
    let heading = format!("\n## {service}\n");
    let (before, rest) = text.split_once(&heading).expect("each service has a section");
    let end = rest.find("\n## ").unwrap_or(rest.len());
    if given("UPDATE_SCHEMA").is_some() {
        let written =
            format!("{before}{heading}{}{}", wanted.trim_end_matches('\n').to_owned() + "\n", &rest[end..]);
        fs::write(&file, written).expect("docs/operations can be written to");
        return;
    }
    assert_eq!(
        rest[..end].trim(),
        wanted.trim(),
        "docs/operations/retention.md: run this test with UPDATE_SCHEMA=1"
    );
}
