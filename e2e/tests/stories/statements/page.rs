use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use e2e::SERVICES;

use super::counting::Costs;

/// What operations cost, each time that they were measured; or the rows of the table in `docs/statements.md`.
#[derive(Default)]
pub(super) struct Page(BTreeMap<String, Vec<Costs>>);

impl Page {
    /// Notes what an operation cost this time.
    pub(super) fn note(&mut self, operation: &str, costs: Costs) {
        self.0.entry(operation.to_owned()).or_default().push(costs);
    }

    fn each(&self, operation: &str, service: &str) -> impl Iterator<Item = u64> {
        let measured = self.0.get(operation).into_iter().flatten();
        measured.map(move |costs| costs.get(service).copied().unwrap_or(0))
    }

    /// What an operation cost a service when it cost the least.
    pub(super) fn least(&self, operation: &str, service: &str) -> u64 {
        self.each(operation, service).min().unwrap_or(0)
    }

    /// The same when it cost the most: two branches of an answer that need the same at nearly the same moment may or may
    /// not read it together.
    pub(super) fn most(&self, operation: &str, service: &str) -> u64 {
        self.each(operation, service).max().unwrap_or(0)
    }

    /// An operation's row.
    fn line(&self, operation: &str) -> String {
        SERVICES.iter().fold(format!("| {operation} |"), |mut line, service| {
            write!(line, " {} |", self.most(operation, service)).unwrap();
            line
        })
    }

    /// What costs more than the table says, or is missing in it or here. `UPDATE_STATEMENTS=1` writes the table anew.
    pub(super) fn compared_with_what_is_written(&self) -> Vec<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/statements.md");
        let text = fs::read_to_string(&path).unwrap();
        if asked_to_update() {
            let rows: Vec<_> = self.0.keys().map(|operation| self.line(operation)).collect();
            let (before, _) = text.split_once("|---|").unwrap();
            let head = "---|".repeat(SERVICES.len() + 1);
            fs::write(&path, format!("{before}|{head}\n{}\n", rows.join("\n"))).unwrap();
            return Vec::new();
        }
        let written = read(&text);
        let mut wrong = Vec::new();
        for operation in self.0.keys() {
            if !written.0.contains_key(operation) {
                wrong.push(format!("docs/statements.md lacks {}", self.line(operation)));
                continue;
            }
            for service in SERVICES {
                let (costs, may) = (self.least(operation, service), written.most(operation, service));
                if costs > may {
                    wrong.push(format!(
                        "{operation} costs {costs} statements in {service}, and docs/statements.md says {may}; if that is \
                         right, run this test with UPDATE_STATEMENTS=1"
                    ));
                }
            }
        }
        let gone = written.0.keys().filter(|operation| !self.0.contains_key(*operation));
        wrong
            .extend(gone.map(|operation| format!("docs/statements.md has {operation}, which is in no tour")));
        wrong
    }
}

/// The table's rows.
fn read(text: &str) -> Page {
    let (_, rows) = text.split_once("|---|").unwrap();
    let rows = rows.lines().skip(1).filter_map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let operation = cells.next().filter(|name| !name.is_empty())?.to_owned();
        let costs =
            SERVICES.iter().zip(cells).map(|(service, cell)| ((*service).to_owned(), cell.parse().unwrap()));
        Some((operation, vec![costs.collect()]))
    });
    Page(rows.collect())
}

#[expect(clippy::disallowed_methods, reason = "UPDATE_STATEMENTS is no setting, but asks this test to write")]
fn asked_to_update() -> bool {
    std::env::var("UPDATE_STATEMENTS").is_ok()
}
