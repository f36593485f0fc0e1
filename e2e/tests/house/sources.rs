use std::{
    fs,
    path::{Path, PathBuf},
};

/// A source file, without its comments and without the tests at its foot.
pub(crate) struct Source {
    /// From the root of the repository.
    pub(crate) path: String,
    /// How many lines the file has, with everything.
    pub(crate) length: usize,
    code: String,
}

impl Source {
    /// Its words, outside of texts.
    pub(crate) fn words(&self) -> impl Iterator<Item = String> {
        let mut bare = String::new();
        for line in self.code.lines() {
            for (place, piece) in line.replace("\\\"", "").split('"').enumerate() {
                bare.push_str(if place % 2 == 0 { piece } else { " " });
            }
            bare.push('\n');
        }
        let words: Vec<String> =
            bare.split(|char: char| !char.is_alphanumeric() && char != '_').map(str::to_owned).collect();
        words.into_iter()
    }

    /// Its code, whole.
    pub(crate) fn into_code(self) -> String {
        self.code
    }

    /// Its lines that have one of these texts.
    pub(crate) fn lines_with(&self, texts: &[&str]) -> Vec<String> {
        let lines = self.code.lines().enumerate();
        let found = lines.filter(|(_, line)| texts.iter().any(|text| line.contains(text)));
        found.map(|(number, line)| format!("{}:{}: {}", self.path, number + 1, line.trim())).collect()
    }
}

/// A file's text.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The names of the subgraphs.
pub(crate) fn subgraphs() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("subgraphs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 6, "{names:?}");
    names
}

/// Every Rust source in a folder, but tests.
pub(crate) fn folder(path: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&root().join(path), &mut sources);
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

/// What a manifest depends on, in every section.
pub(crate) fn dependencies(manifest: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    let mut names = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            inside = section.trim_end_matches(']').ends_with("dependencies");
        } else if let Some((name, _)) = line.split_once('=').filter(|_| inside && !line.starts_with('#')) {
            names.push(name.trim().trim_end_matches(".workspace").to_owned());
        }
    }
    names
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn collect(folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !["tests", "target", "node_modules"].contains(&name) {
                collect(&path, sources);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && !name.starts_with("test_") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            let length = text.lines().count();
            sources.push(Source { path, length, code: code(&text) });
        }
    }
}

/// The text without comments and without the module of tests at its foot; lines keep their numbers.
fn code(text: &str) -> String {
    let text = text
        .split_once("#[cfg(test)]\nmod ")
        .filter(|(_, rest)| rest.starts_with("tests"))
        .map_or(text, |(before, _)| before);
    let lines = text.lines().map(|line| match line.find("//") {
        // Not the slashes of an address.
        Some(start) if !line[..start].ends_with(':') => &line[..start],
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}
