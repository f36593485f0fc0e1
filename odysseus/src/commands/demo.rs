use std::process::ExitCode;

use super::signals::Signals;
use crate::{cli::DataFolder, demo::accounts, embedded::Embedded, out};

pub(super) async fn demo(folder: DataFolder) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::listen()?;
    let loaded = tokio::select! {
        loaded = Embedded::load_demo(&folder.data) => loaded?,
        () = signals.next() => {
            out::complain("interrupted; the next start loads it anew");
            return Ok(ExitCode::from(130));
        }
    };
    let place = folder.data.display();
    if loaded {
        out::line(format!(
            "The demonstration is in {place}. Log in with the password {}:",
            accounts::PASSWORD
        ));
        for account in accounts::SHOWN {
            out::line(format!("  {:<26} {}", account.email, account.purpose));
        }
        Ok(ExitCode::SUCCESS)
    } else {
        out::complain(format!(
            "Nothing was loaded: {place} is not empty. Choose another folder with --data, or remove this one."
        ));
        Ok(ExitCode::FAILURE)
    }
}
