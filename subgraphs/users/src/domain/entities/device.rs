use std::fmt;

/// The longest name of a device, in characters.
const LONGEST: usize = 60;
/// So much of what a client calls itself is looked at, in bytes.
const LOOKED_AT: usize = 512;

/// On what somebody has logged in, as its owner would call it: `Firefox on Windows`. Known by what the client says of
/// itself, which may be made up: it helps people to recognise their own devices, and decides nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Device(String);

/// Browsers by what only they say; those that say what others say too come first.
const BROWSERS: [(&str, &str); 11] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Device {
    /// What a client's `User-Agent` says of it; none where it says nothing that can be shown.
    pub fn calling_itself(agent: &str) -> Option<Self> {
        let looked_at = agent.char_indices().take_while(|(at, _)| *at < LOOKED_AT).map(|(_, char)| char);
        let agent: String = looked_at.collect();
        let said = |names: &[(&str, &'static str)]| {
            names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name)
        };
        match (said(&BROWSERS), said(&SYSTEMS)) {
            (Some(browser), Some(system)) => Some(Self(format!("{browser} on {system}"))),
            (Some(browser), None) => Some(Self(browser.to_owned())),
            // A program: its own name, without what it says in brackets of the machine.
            (None, _) => Self::program(&agent),
        }
    }

    fn program(agent: &str) -> Option<Self> {
        let shown = agent.split(['(', ';']).next()?;
        let shown: String = shown.chars().filter(|char| char.is_ascii_graphic() || *char == ' ').collect();
        let shown: String = shown.trim().chars().take(LONGEST).collect();
        let shown = shown.trim_end();
        (!shown.is_empty()).then(|| Self(shown.to_owned()))
    }

    /// As it was saved; for the store.
    pub fn restore(text: String) -> Self {
        Self(text)
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(agent: &str) -> Option<String> {
        Device::calling_itself(agent).map(|device| device.0)
    }

    #[test]
    fn a_browser_is_called_as_its_owner_would_call_it() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
                "Chrome on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.0 Mobile Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
        ] {
            assert_eq!(called(agent).as_deref(), Some(name));
        }
    }

    #[test]
    fn a_program_keeps_its_name_cut_and_cleaned() {
        assert_eq!(called("odysseus-door/1.2 (linux; <script>)").as_deref(), Some("odysseus-door/1.2"));
        assert_eq!(called("curl/8.5\u{7}\u{202e} ").as_deref(), Some("curl/8.5"));
        assert_eq!(called(&"x".repeat(1_000_000)).unwrap().len(), LONGEST);
        assert_eq!(called(&"ü".repeat(1_000)), None);
        for nothing in ["", "  ", "(bot)", "\u{202e}"] {
            assert_eq!(called(nothing), None);
        }
    }
}
