use std::path::PathBuf;

use crate::{Address, Sandbox, Settings, Store, Stores, process::Process};

/// The embedded stack: one process, and a folder.
pub(crate) struct Embedded {
    program: PathBuf,
    settings: Settings,
    address: Address,
    process: Option<Process>,
    place: PathBuf,
}

impl Embedded {
    pub(crate) async fn start(program: PathBuf, settings: Settings, place: PathBuf) -> Self {
        let mut embedded = Self { program, settings, address: Address::default(), process: None, place };
        embedded.start_again().await;
        embedded
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    pub(crate) fn sandbox(&self) -> Sandbox {
        Sandbox::at(self.address.clone())
    }

    pub(crate) async fn stores(&self) -> anyhow::Result<Stores> {
        let file = |service: &str| format!("sqlite://{}?mode=ro", self.file(service).display());
        Stores::open(file, None).await
    }

    pub(crate) async fn store(&self, service: &str) -> anyhow::Result<Store> {
        Store::open(&format!("sqlite://{}?mode=rw", self.file(service).display())).await
    }

    pub(crate) async fn start_again(&mut self) {
        assert!(self.process.is_none(), "it runs already");
        let arguments = ["run", "--port", "0", "--no-demo", "--data"].map(str::to_owned);
        let mut arguments = Vec::from(arguments);
        arguments.push(self.data().display().to_string());
        let log = self.place.join("log.jsonl");
        match Process::start(&self.program, &arguments, &self.settings, &log).await {
            Ok((process, address)) => {
                self.address.set(&address);
                self.process = Some(process);
            }
            Err(why) => panic!("{why}"),
        }
    }

    pub(crate) async fn kill(&mut self) {
        self.process.take().expect("it runs").kill().await;
    }

    pub(crate) async fn stop(&mut self) -> bool {
        self.process.take().expect("it runs").stop().await
    }

    pub(crate) async fn is_told_to_stop(&self) {
        self.process.as_ref().expect("it runs").is_told_to_stop().await;
    }

    pub(crate) fn runs(&self) -> bool {
        self.process.is_some()
    }

    fn data(&self) -> PathBuf {
        self.place.join("data")
    }

    fn file(&self, service: &str) -> PathBuf {
        self.data().join(format!("{service}.sqlite"))
    }
}
