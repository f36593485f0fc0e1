//! What each process of the platform used: of the processors, of the memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::Duration,
};

/// Linux counts in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// What the processes below this one have used so far, by their names.
pub(crate) fn used() -> BTreeMap<String, Duration> {
    let mut processes = processes();
    let mut used = BTreeMap::new();
    for (_, ticks, name) in
        below(std::process::id(), &processes).into_iter().filter_map(|id| processes.remove(&id))
    {
        *used.entry(name).or_insert(Duration::ZERO) += TICK * ticks;
    }
    used
}

type Processes = BTreeMap<u32, (u32, u32, String)>;

/// Every process of the machine: its parent, the ticks it used, its name.
fn processes() -> Processes {
    let mut processes = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Some((parent, ticks)) =
            fs::read_to_string(entry.path().join("stat")).ok().and_then(|stat| read(&stat))
        else {
            continue;
        };
        let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        processes.insert(id, (parent, ticks, name(&words)));
    }
    processes
}

/// What was used since then, in milliseconds for each of so many things done.
pub(crate) fn each(since: &BTreeMap<String, Duration>, things: u64) -> BTreeMap<String, f64> {
    let things = f64::from(u32::try_from(things.max(1)).unwrap_or(u32::MAX));
    let mut each = BTreeMap::new();
    for (name, now) in used() {
        let before = since.get(&name).copied().unwrap_or_default();
        each.insert(name, now.saturating_sub(before).as_secs_f64() * 1_000.0 / things);
    }
    each
}

/// How much memory of its own each process below this one has, in megabytes, by their names.
pub(crate) fn resident() -> BTreeMap<String, f64> {
    let mut resident = BTreeMap::new();
    for id in below(std::process::id(), &processes()) {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let kilobytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<u32>().ok());
        let words = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        *resident.entry(name(&words)).or_insert(0.0) += f64::from(kilobytes.unwrap_or(0)) / 1_024.0;
    }
    resident
}

/// The parent and the used ticks of a line of `/proc/<id>/stat`, whose second field is a name in brackets.
fn read(stat: &str) -> Option<(u32, u32)> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |place: usize| fields.get(place)?.parse::<u32>().ok();
    Some((fields.get(1)?.parse().ok()?, ticks(11)? + ticks(12)?))
}

/// What a process is called in the table.
fn name(words: &[u8]) -> String {
    let words = String::from_utf8_lossy(words);
    let words: Vec<&str> = words.split(['\0', ' ']).filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [program, ..] if program.contains("postgres") => "postgresql".to_owned(),
        [program, ..] if program.contains("nats") => "nats".to_owned(),
        [_, "serve", service, ..] => (*service).to_owned(),
        [_, role, ..] => (*role).to_owned(),
        _ => "other".to_owned(),
    }
}

fn below(root: u32, processes: &Processes) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut parents = vec![root];
    while let Some(parent) = parents.pop() {
        for (id, _) in processes.iter().filter(|(_, (of, ..))| *of == parent) {
            if found.insert(*id) {
                parents.push(*id);
            }
        }
    }
    found
}
