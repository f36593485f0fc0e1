//! What was measured, for programs and for people.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    fs,
    path::Path,
};

use kernel::{Clock as _, SystemClock};
use serde::Serialize;

use crate::{StackName, parts::Part};

/// One number.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    /// What it tells.
    pub(crate) what: String,
    /// The number.
    pub(crate) value: f64,
    /// Such as `/s` or `ms`.
    pub(crate) unit: &'static str,
    /// What limits it, or what else is to be known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) note: String,
}

impl Figure {
    pub(crate) fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { what: what.into(), value, unit, note: String::new() }
    }

    pub(crate) fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    fn number(&self) -> String {
        match self.value {
            value if value >= 100.0 => format!("{value:.0}"),
            value if value >= 10.0 => format!("{value:.1}"),
            value => format!("{value:.2}"),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.what, self.number(), self.unit)?;
        if self.note.is_empty() { Ok(()) } else { write!(f, " ({})", self.note) }
    }
}

/// All figures of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    stack: &'static str,
    program: String,
    at: String,
    machine: String,
    parts: BTreeMap<&'static str, Vec<Figure>>,
}

impl Report {
    pub(crate) fn new(stack: StackName, program: &Path) -> Self {
        Self {
            stack: stack.as_str(),
            program: program.display().to_string(),
            at: SystemClock.now().format("%Y-%m-%d %H:%M UTC").to_string(),
            machine: machine(),
            parts: BTreeMap::new(),
        }
    }

    pub(crate) fn add(&mut self, part: Part, figures: Vec<Figure>) {
        self.parts.insert(part.name(), figures);
    }

    /// As JSON, a file for each stack.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder)?;
        let text = serde_json::to_string_pretty(self)?;
        Ok(fs::write(folder.join(format!("{}.json", self.stack)), text + "\n")?)
    }

    /// The table between this stack's two marks of a page; the rest of the page stays.
    pub(crate) fn write_table(&self, page: &Path) -> anyhow::Result<()> {
        let text = fs::read_to_string(page)?;
        let (begin, end) = (format!("<!-- {}: -->\n", self.stack), format!("<!-- :{} -->", self.stack));
        let missing = || anyhow::anyhow!("{} has no {}", page.display(), begin.trim());
        let (before, rest) = text.split_once(&begin).ok_or_else(missing)?;
        let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
        Ok(fs::write(page, format!("{before}{begin}{}{end}{after}", self.table()))?)
    }

    fn table(&self) -> String {
        let mut table =
            format!("{}; {}.\n\n| part | what | | |\n|---|---|---:|---|\n", self.at, self.machine);
        for (part, figures) in &self.parts {
            for figure in figures {
                let Figure { what, unit, note, .. } = figure;
                let number = figure.number();
                writeln!(table, "| {part} | {what} | {number} {unit} | {note} |")
                    .expect("text takes any text");
            }
        }
        table
    }
}

/// What this runs on.
fn machine() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores of {model}, load generator and servers on the same machine")
}
