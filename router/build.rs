//! Makes sure that `web/dist` exists, so that it can be embedded before the pages have been built (`make web`).

use std::path::Path;

fn main() -> std::io::Result<()> {
    let dist = Path::new("../web/dist");
    std::fs::create_dir_all(dist)?;
    // Cargo looks into the folder: building the pages again rebuilds this crate, and nothing else does.
    println!("cargo::rerun-if-changed={}", dist.display());
    Ok(())
}
