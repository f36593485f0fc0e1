//! The one place where state changes: decide under the lock, write the journal, apply, tell those who wait.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use tokio::sync::watch;

use crate::journal::Journal;
use crate::mail::Mail;
use crate::state::{Change, State};

/// The state behind its lock, with the files that let it survive.
pub(crate) struct Store {
    inner: Mutex<Inner>,
    mail_folder: Option<PathBuf>,
    revision: watch::Sender<u64>,
}

struct Inner {
    state: State,
    journal: Option<Journal>,
}

impl Store {
    /// Opens what a folder holds; without a folder, an empty store that lives as long as the process. Of each kind it keeps
    /// the newest `kept` entries.
    pub(crate) fn open(folder: Option<&Path>, kept: usize) -> anyhow::Result<Self> {
        let mut state = State::keeping(kept);
        let mut journal = None;
        let mut mail_folder = None;
        if let Some(folder) = folder {
            let mails = folder.join("mails");
            std::fs::create_dir_all(&mails)
                .with_context(|| format!("cannot make the folder {}", mails.display()))?;
            let mut opened = Journal::open(folder, |changes: Vec<Change>| {
                for change in changes {
                    state.apply(read_back(change, &mails));
                }
            })?;
            opened.rewrite(state.retell())?;
            journal = Some(opened);
            mail_folder = Some(mails);
        }
        let store = Self {
            inner: Mutex::new(Inner { state, journal }),
            mail_folder,
            revision: watch::Sender::new(0),
        };
        store.remove_orphans()?;
        Ok(store)
    }

    /// Looks at the state.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock().state)
    }

    /// Decides on the state as it is and makes the changes decided, all or none.
    pub(crate) fn write<T>(&self, decide: impl FnOnce(&State) -> (T, Vec<Change>)) -> io::Result<T> {
        let mut inner = self.lock();
        let (answer, changes) = decide(&inner.state);
        if changes.is_empty() {
            return Ok(answer);
        }
        let Inner { state, journal } = &mut *inner;
        if let Some(journal) = journal {
            journal.append(&changes)?;
        }
        for change in changes {
            state.apply(change);
        }
        let forgotten = state.take_forgotten_mails();
        if let Some(journal) = journal
            && journal.has_grown()
            && let Err(broken) = journal.rewrite(state.retell())
        {
            tracing::warn!(%broken, "the sandbox's journal could not be shortened");
        }
        drop(inner);
        self.remove_files(&forgotten);
        self.revision.send_modify(|revision| *revision += 1);
        Ok(answer)
    }

    /// Makes one change.
    pub(crate) fn change(&self, change: Change) -> io::Result<()> {
        self.write(|_| ((), vec![change]))
    }

    /// Keeps a mail: its source first, then the knowledge of it.
    pub(crate) fn keep_mail(&self, mut mail: Mail, source: Arc<[u8]>) -> io::Result<()> {
        if let Some(folder) = &self.mail_folder {
            std::fs::write(file_of(folder, &mail.id), &source)?;
        } else {
            mail.source = Some(source);
        }
        self.change(Change::Mail(mail))
    }

    /// The source of a mail, as it came.
    pub(crate) fn mail_source(&self, mail: &Mail) -> io::Result<Arc<[u8]>> {
        match (&mail.source, &self.mail_folder) {
            (Some(source), _) => Ok(Arc::clone(source)),
            (None, Some(folder)) => Ok(std::fs::read(file_of(folder, &mail.id))?.into()),
            (None, None) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Rises with every change.
    pub(crate) fn revisions(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic cannot leave the state half changed: applying does not fail and deciding only reads.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remove_files(&self, mails: &[String]) {
        let Some(folder) = &self.mail_folder else { return };
        for id in mails {
            if let Err(broken) = std::fs::remove_file(file_of(folder, id)) {
                tracing::debug!(%broken, id, "the file of a forgotten mail stays");
            }
        }
    }

    /// Removes the files of mails that nobody knows, such as one that was being written at a crash.
    fn remove_orphans(&self) -> anyhow::Result<()> {
        let Some(folder) = &self.mail_folder else { return Ok(()) };
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let id = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            if self.read(|state| state.mails.get(id).is_none()) {
                std::fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

fn file_of(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.eml"))
}

/// Gives a mail from the journal its heading, which only its file holds.
fn read_back(change: Change, folder: &Path) -> Change {
    match change {
        Change::Mail(mail) => {
            let source = std::fs::read(file_of(folder, &mail.id)).unwrap_or_else(|broken| {
                tracing::warn!(%broken, id = mail.id, "the source of a mail is gone");
                Vec::new()
            });
            Change::Mail(mail.with_heading_of(&source))
        }
        other => other,
    }
}
