//! What was measured, for programs and for people.

use std::{
    fmt::{self, Write as _},
    fs,
    path::Path,
    process::Command,
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

    /// Adds what else is to be known.
    pub(crate) fn with_note(mut self, note: impl AsRef<str>) -> Self {
        if !self.note.is_empty() && !note.as_ref().is_empty() {
            self.note.push_str("; ");
        }
        self.note.push_str(note.as_ref());
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
    at: String,
    commit: String,
    machine: String,
    parts: Vec<Measured>,
}

/// The figures of a part.
#[derive(Debug, Serialize)]
struct Measured {
    part: &'static str,
    figures: Vec<Figure>,
    /// Why it could not be measured, or what was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    wrong: Option<String>,
}

impl Report {
    pub(crate) fn new(stack: StackName) -> Self {
        Self {
            stack: stack.as_str(),
            at: SystemClock.now().format("%Y-%m-%d %H:%M UTC").to_string(),
            commit: commit(),
            machine: machine(),
            parts: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, part: Part, figures: Vec<Figure>, wrong: Option<String>) {
        self.parts.push(Measured { part: part.name(), figures, wrong });
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
        let (at, commit, machine) = (&self.at, &self.commit, &self.machine);
        let mut table = format!(
            "{at}, commit {commit}; {machine}.\n\n| part | what | | what limits it, and what else is to be known |\n\
             |---|---|---:|---|\n"
        );
        for Measured { part, figures, wrong } in &self.parts {
            for figure in figures {
                let Figure { what, unit, note, .. } = figure;
                let number = figure.number();
                writeln!(table, "| {part} | {what} | {number} {unit} | {note} |")
                    .expect("text takes any text");
            }
            if let Some(wrong) = wrong {
                let wrong = wrong.replace(['\n', '|'], " ");
                writeln!(table, "| {part} | **failed** | | {wrong} |").expect("text takes any text");
            }
        }
        table
    }
}

/// Of which sources this is, as far as git knows.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let said = Command::new("git").args(arguments).output().ok()?;
        said.status.success().then(|| String::from_utf8_lossy(&said.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else { return "unknown".to_owned() };
    let changed = git(&["status", "--porcelain", "--untracked-files=no", "--", "*.rs", "Cargo.lock"]);
    if changed.is_some_and(|changed| !changed.is_empty()) { commit + " and changes" } else { commit }
}

/// What this runs on.
fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = read("/proc/meminfo");
    let kilobytes = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse::<u64>().ok());
    let gigabytes = kilobytes.unwrap_or(0) / 1_048_576;
    let kernel = read("/proc/sys/kernel/osrelease");
    let kernel = kernel.trim();
    format!(
        "{cores} cores of {model}, {gigabytes} GB of memory, Linux {kernel}; load generator and servers on the same machine"
    )
}
