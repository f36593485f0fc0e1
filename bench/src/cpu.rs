//! What each process of the platform used: of the processors, of the memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::Duration,
};

use tokio::time::Instant;

/// Linux counts in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);
/// From which share of the processors on they are what limits a figure.
const FULL: f64 = 0.85;
/// How many processes are named, of those that used most.
const NAMED: usize = 4;
/// What this process is called.
const LOAD: &str = "load generator";

/// What was used since a moment.
pub(crate) struct Meter {
    begun: Instant,
    used: BTreeMap<String, Duration>,
    machine: Option<Machine>,
}

impl Meter {
    /// From now on.
    pub(crate) fn start() -> Self {
        Self { begun: Instant::now(), used: used(), machine: machine() }
    }

    /// What the platform and its servers used, in milliseconds for each of so many things done.
    pub(crate) fn each(&self, things: u64) -> BTreeMap<String, f64> {
        let things = f64::from(u32::try_from(things.max(1)).unwrap_or(u32::MAX));
        let platform = self.since().into_iter().filter(|(name, _)| name != LOAD);
        platform.map(|(name, used)| (name, used.as_secs_f64() * 1_000.0 / things)).collect()
    }

    /// What limited whatever was done meanwhile, in words: whether the processors were full, and of what.
    pub(crate) fn limits(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let all = self.begun.elapsed().as_secs_f64() * f64::from(u32::try_from(cores).unwrap_or(1));
        let mut shares: Vec<(String, f64)> =
            self.since().into_iter().map(|(name, used)| (name, used.as_secs_f64() / all)).collect();
        shares.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let ours: f64 = shares.iter().map(|(_, share)| share).sum();
        let rest: f64 = shares.iter().skip(NAMED).map(|(_, share)| share).sum();
        let mut told: Vec<String> =
            shares.iter().take(NAMED).map(|(name, share)| format!("{name} {:.0} %", share * 100.0)).collect();
        if rest >= 0.01 {
            told.push(format!("others of it {:.0} %", rest * 100.0));
        }
        let (busy, disk) = match (&self.machine, machine()) {
            (Some(then), Some(now)) => now.since(then),
            _ => (ours, 0.0),
        };
        if busy - ours > 0.1 {
            told.push(format!("other work on the machine {:.0} %", (busy - ours) * 100.0));
        }
        let what = match (busy >= FULL, disk >= 0.1) {
            (true, _) => "the processors".to_owned(),
            (false, true) => format!("the disk, waited for {:.0} % of the time, and locks", disk * 100.0),
            (false, false) => "locks and waits".to_owned(),
        };
        format!("{what}; processors {:.0} % busy: {}", busy * 100.0, told.join(", "))
    }

    fn since(&self) -> BTreeMap<String, Duration> {
        let now = used().into_iter();
        now.map(|(name, now)| {
            let then = self.used.get(&name).copied().unwrap_or_default();
            (name, now.saturating_sub(then))
        })
        .collect()
    }
}

/// What the processors did since the machine was started, in ticks.
struct Machine {
    all: u64,
    idle: u64,
    disk: u64,
}

impl Machine {
    /// Which share of them was busy since then, and which waited for the disk.
    fn since(&self, then: &Self) -> (f64, f64) {
        let ticks = |now: u64, then: u64| u32::try_from(now.saturating_sub(then)).map_or(1.0, f64::from);
        let all = ticks(self.all, then.all).max(1.0);
        let (idle, disk) = (ticks(self.idle, then.idle) / all, ticks(self.disk, then.disk) / all);
        (1.0 - idle - disk, disk)
    }
}

/// Reads the first line of `/proc/stat`: user, nice, system, idle, waiting for the disk, interrupts, stolen.
fn machine() -> Option<Machine> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let fields = text.lines().next()?.split_whitespace().skip(1);
    let ticks: Vec<u64> = fields.take(8).map(|field| field.parse().unwrap_or(0)).collect();
    Some(Machine { all: ticks.iter().sum(), idle: *ticks.get(3)?, disk: *ticks.get(4)? })
}

/// What this process and those below it have used so far, by their names.
fn used() -> BTreeMap<String, Duration> {
    let mut processes = processes();
    let own = std::process::id();
    let below = below(own, &processes);
    let mut used = BTreeMap::new();
    for id in below.into_iter().chain([own]) {
        if let Some((_, ticks, name)) = processes.remove(&id) {
            let name = if id == own { LOAD.to_owned() } else { name };
            *used.entry(name).or_insert(Duration::ZERO) += TICK * ticks;
        }
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

/// How much memory each process below this one has in use, in megabytes, by their names: now, and at most so far.
pub(crate) fn resident() -> BTreeMap<String, (f64, f64)> {
    let mut resident = BTreeMap::new();
    for id in below(std::process::id(), &processes()) {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let megabytes = |field: &str| {
            let kilobytes = status
                .lines()
                .find_map(|line| line.strip_prefix(field)?.split_whitespace().next()?.parse::<u32>().ok());
            f64::from(kilobytes.unwrap_or(0)) / 1_024.0
        };
        let words = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let (now, most) = resident.entry(name(&words)).or_insert((0.0, 0.0));
        *now += megabytes("VmRSS:");
        *most += megabytes("VmHWM:");
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
        [_, "run", ..] => "odysseus".to_owned(),
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
