//! The data folder: who may use it, and what lies in it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use crate::subgraphs::Subgraph;

/// A data folder that this process has to itself. The lock goes with the process, however it ends.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder where there is none, and takes it.
    pub(crate) fn take(path: &Path) -> anyhow::Result<Self> {
        let wrong = || {
            format!(
                "the data folder {} cannot be used; choose one that may be written to with --data",
                path.display()
            )
        };
        fs::create_dir_all(path).with_context(wrong)?;
        let path = fs::canonicalize(path).with_context(wrong)?;
        let file = path.join("odysseus.lock");
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(&file).with_context(wrong)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!(
                "another odysseus is using the data folder {}; stop it, or choose another folder with --data",
                path.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).with_context(wrong),
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The SQLite file of a service.
    pub(crate) fn database(&self, subgraph: Subgraph) -> PathBuf {
        database(&self.path, subgraph)
    }

    /// Its URL.
    pub(crate) fn url(&self, subgraph: Subgraph) -> String {
        sqlite_url(&self.database(subgraph))
    }

    /// What is kept between starts in a small file of that name; made by `fresh` at the first.
    pub(crate) fn kept(&self, name: &str, fresh: impl FnOnce() -> String) -> anyhow::Result<String> {
        let file = self.path.join(name);
        if let Ok(kept) = fs::read_to_string(&file)
            && !kept.trim().is_empty()
        {
            return Ok(kept.trim().to_owned());
        }
        let fresh = fresh();
        write_whole(&file, &fresh).with_context(|| format!("{} cannot be written", file.display()))?;
        Ok(fresh)
    }

    /// Whether the demonstration was loaded here.
    pub(crate) fn demo(&self) -> anyhow::Result<DemoState> {
        match fs::read_to_string(self.path.join(DEMO)) {
            Ok(text) if text == LOADED => Ok(DemoState::Loaded),
            Ok(_) => Ok(DemoState::Unfinished),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(DemoState::Absent),
            Err(error) => Err(error).context("reading whether the demonstration was loaded"),
        }
    }

    /// Notes that the demonstration is being loaded: whoever finds this note later may empty the store.
    pub(crate) fn demo_begins(&self) -> anyhow::Result<()> {
        write_whole(&self.path.join(DEMO), "loading\n")
            .context("noting that the demonstration is being loaded")
    }

    /// Notes that the demonstration is there.
    pub(crate) fn demo_is_loaded(&self) -> anyhow::Result<()> {
        write_whole(&self.path.join(DEMO), LOADED).context("noting that the demonstration is loaded")
    }

    /// Removes what an unfinished load has left: the services' SQLite files and what the sandbox took.
    /// Nobody has used them yet, since doors open when the load is complete.
    pub(crate) fn empty(&self) -> anyhow::Result<()> {
        for subgraph in Subgraph::ALL {
            for suffix in ["", "-wal", "-shm"] {
                let mut file = self.database(subgraph).into_os_string();
                file.push(suffix);
                remove(fs::remove_file(&file)).with_context(|| format!("removing {}", file.display()))?;
            }
        }
        remove(fs::remove_dir_all(self.path.join(SANDBOX))).context("removing what the sandbox took")?;
        remove(fs::remove_file(self.path.join(DEMO))).context("removing the note of an unfinished load")
    }

    /// Where the sandbox keeps what it took.
    pub(crate) fn sandbox(&self) -> PathBuf {
        self.path.join(SANDBOX)
    }
}

/// The SQLite file of a service in a data folder.
pub(crate) fn database(folder: &Path, subgraph: Subgraph) -> PathBuf {
    folder.join(format!("{}.sqlite", subgraph.name()))
}

/// A SQLite URL of a file that is made where there is none.
pub(crate) fn sqlite_url(file: &Path) -> String {
    let plain = file.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite://{plain}?mode=rwc")
}

/// What became of loading the demonstration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DemoState {
    /// It was never loaded.
    Absent,
    /// It was begun and interrupted.
    Unfinished,
    /// It is there.
    Loaded,
}

const DEMO: &str = "demo";
const LOADED: &str = "loaded\n";
const SANDBOX: &str = "sandbox";

/// The file holds the old text or the new one, never a part, whatever is killed.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let draft = path.with_extension("new");
    let mut file = File::create(&draft)?;
    restrict(&file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    // The name, too, has to survive.
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(unix)]
fn restrict(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_file: &File) -> std::io::Result<()> {
    Ok(())
}

fn remove(outcome: std::io::Result<()>) -> std::io::Result<()> {
    match outcome {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_serves_one_process_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let first = Folder::take(place.path()).unwrap();
        let refusal = Folder::take(place.path()).unwrap_err();
        assert!(refusal.to_string().contains("another odysseus"), "{refusal}");
        drop(first);
        Folder::take(place.path()).unwrap();
    }

    #[test]
    fn what_is_kept_stays_the_same() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::take(place.path()).unwrap();
        assert_eq!(folder.kept("secret", || "one".to_owned()).unwrap(), "one");
        assert_eq!(folder.kept("secret", || "two".to_owned()).unwrap(), "one");
    }

    #[test]
    fn an_unfinished_load_leaves_nothing_once_emptied() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::take(place.path()).unwrap();
        assert_eq!(folder.demo().unwrap(), DemoState::Absent);
        folder.demo_begins().unwrap();
        fs::write(folder.database(Subgraph::Users), "half").unwrap();
        fs::create_dir(folder.sandbox()).unwrap();
        assert_eq!(folder.demo().unwrap(), DemoState::Unfinished);
        folder.empty().unwrap();
        assert_eq!(folder.demo().unwrap(), DemoState::Absent);
        assert!(!folder.database(Subgraph::Users).exists() && !folder.sandbox().exists());
        folder.demo_is_loaded().unwrap();
        assert_eq!(folder.demo().unwrap(), DemoState::Loaded);
    }
}
