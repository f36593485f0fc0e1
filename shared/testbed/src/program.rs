use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use tokio::{net::TcpStream, time::sleep};

/// How long a server may take to start or to stop.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);

/// A server that runs.
pub(crate) struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts it; what it says goes to `log`.
    pub(crate) fn start(mut command: Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).expect("the log can be written");
        let more = file.try_clone().expect("the log can be written");
        let child = command.stdin(Stdio::null()).stdout(file).stderr(more).spawn();
        let name = command.get_program().to_owned();
        Self {
            child: child.unwrap_or_else(|error| panic!("{} does not start: {error}", name.display())),
            log: log.to_owned(),
        }
    }

    /// Waits until `is_there`.
    pub(crate) async fn until(&mut self, what: &str, mut is_there: impl AsyncFnMut() -> bool) {
        let patience = Instant::now() + PATIENCE;
        while !is_there().await {
            let ended = self.child.try_wait().expect("one's own child can be asked");
            assert!(ended.is_none(), "{what} ended ({ended:?}):\n{}", self.said());
            assert!(Instant::now() < patience, "{what} did not start in time:\n{}", self.said());
            sleep(LOOK).await;
        }
    }

    /// Waits until it listens.
    pub(crate) async fn until_it_listens(&mut self, what: &str, address: SocketAddr) {
        self.until(what, async || TcpStream::connect(address).await.is_ok()).await;
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Asks it to end, and waits until it has.
    pub(crate) async fn stop(mut self, signal: &str) -> ExitStatus {
        send(signal, self.id());
        let patience = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("one's own child can be asked") {
                return status;
            }
            assert!(Instant::now() < patience, "it does not stop:\n{}", self.said());
            sleep(LOOK).await;
        }
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal to a process, if it is still there.
pub(crate) fn send(signal: &str, process: u32) {
    let mut kill = Command::new("kill");
    kill.args([signal, &process.to_string()]).stderr(Stdio::null()).status().expect("there is a `kill`");
}

/// The processes that a process has started.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let told = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output().expect("there is a `ps`");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let pairs = told.lines().filter_map(|line| line.split_whitespace().collect::<Vec<_>>().try_into().ok());
    pairs
        .filter(|[_, of]: &[&str; 2]| of.parse() == Ok(parent))
        .filter_map(|[child, _]| child.parse().ok())
        .collect()
}

/// Waits until none of these processes is there any more.
pub(crate) fn are_gone(processes: &[u32]) {
    let patience = Instant::now() + PATIENCE;
    while processes.iter().any(|process| is_there(*process)) && Instant::now() < patience {
        thread::sleep(LOOK);
    }
}

fn is_there(process: u32) -> bool {
    let mut kill = Command::new("kill");
    kill.args(["-0", &process.to_string()])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
