//! What survives `kill -9`: one file of JSON lines, each line a batch of changes that happened together.
//!
//! A line is handed to the operating system before anybody hears of what it says, so the death of the process loses
//! nothing that was answered. It is not synced to disk: the death of the machine may lose the last moments.
//! A line cut short by a crash was never answered for; it is dropped when the file is read.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Serialize, de::DeserializeOwned};

/// Beyond this size the file is written anew from the state it describes.
const REWRITE_BEYOND: u64 = 64 * 1024 * 1024;

/// The open file, locked against a second sandbox on the same folder.
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    bytes: u64,
    rewrite_at: u64,
    _lock: File,
}

impl Journal {
    /// Opens the journal of a folder and tells every batch it holds, oldest first.
    pub(crate) fn open<C: DeserializeOwned>(
        folder: &Path,
        mut tell: impl FnMut(Vec<C>),
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let lock = lock(folder)?;
        let path = folder.join("journal.jsonl");
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        let bytes = replay(&file, &path, &mut tell)?;
        file.set_len(bytes)?;
        Ok(Self { path, file, bytes, rewrite_at: REWRITE_BEYOND, _lock: lock })
    }

    /// Writes one batch. If the disk refuses, nothing of it stays.
    pub(crate) fn append<C: Serialize>(&mut self, changes: &[C]) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(changes)?;
        line.push(b'\n');
        if let Err(broken) = self.file.write_all(&line) {
            self.file.set_len(self.bytes)?;
            return Err(broken);
        }
        self.bytes += line.len() as u64;
        Ok(())
    }

    /// Whether so much has been appended that a fresh start is worth its while.
    pub(crate) fn has_grown(&self) -> bool {
        self.bytes > self.rewrite_at
    }

    /// Replaces the file, at one stroke, by the changes that lead to the present state.
    pub(crate) fn rewrite<C: Serialize>(&mut self, present: impl Iterator<Item = C>) -> std::io::Result<()> {
        let draft_path = self.path.with_extension("draft");
        let mut draft = BufWriter::new(File::create(&draft_path)?);
        for change in present {
            serde_json::to_writer(&mut draft, &[change])?;
            draft.write_all(b"\n")?;
        }
        draft.into_inner()?.sync_all()?;
        std::fs::rename(&draft_path, &self.path)?;
        self.file = OpenOptions::new().append(true).read(true).open(&self.path)?;
        self.bytes = self.file.metadata()?.len();
        self.rewrite_at = REWRITE_BEYOND.max(self.bytes * 2);
        Ok(())
    }
}

fn lock(folder: &Path) -> anyhow::Result<File> {
    let lock = File::create(folder.join("lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            bail!("another sandbox already uses the folder {}", folder.display())
        }
        Err(TryLockError::Error(broken)) => Err(broken.into()),
    }
}

/// Reads whole lines and answers how many bytes of the file they make.
fn replay<C: DeserializeOwned>(
    file: &File,
    path: &Path,
    tell: &mut impl FnMut(Vec<C>),
) -> anyhow::Result<u64> {
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    let mut whole = 0;
    for number in 1.. {
        line.clear();
        let read = reader.read_until(b'\n', &mut line)? as u64;
        if line.last() != Some(&b'\n') {
            break;
        }
        tell(serde_json::from_slice(&line).with_context(|| {
            format!("line {number} of {} is not readable; move the file away to start empty", path.display())
        })?);
        whole += read;
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(folder: &Path) -> (Journal, Vec<u32>) {
        let mut told = Vec::new();
        let journal = Journal::open(folder, |batch: Vec<u32>| told.extend(batch)).unwrap();
        (journal, told)
    }

    #[test]
    fn a_line_cut_short_by_a_crash_is_dropped_and_the_next_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = read(folder.path());
        journal.append(&[1, 2]).unwrap();
        journal.file.write_all(b"[3,").unwrap();
        drop(journal);

        let (mut journal, told) = read(folder.path());
        assert_eq!(told, [1, 2]);
        journal.append(&[4]).unwrap();
        drop(journal);
        assert_eq!(read(folder.path()).1, [1, 2, 4]);
    }

    #[test]
    fn rewriting_keeps_the_present_and_appending_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = read(folder.path());
        journal.append(&[1, 2, 3]).unwrap();
        journal.rewrite([3].into_iter()).unwrap();
        journal.append(&[4]).unwrap();
        drop(journal);
        assert_eq!(read(folder.path()).1, [3, 4]);
    }

    #[test]
    fn a_second_sandbox_on_the_same_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let _first = read(folder.path());
        let second = Journal::open(folder.path(), |_: Vec<u32>| ());
        assert!(second.is_err());
    }
}
