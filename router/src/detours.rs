//! Refuses paths that two servers could read differently.
//!
//! The router decides by a path's beginning who gets a request. Whoever resolves `..` afterwards, or takes a backslash
//! for a slash, would answer for another path than the one that was let through.

/// Whether a path leads, in some reading, elsewhere than it seems to.
pub(crate) fn is_detour(path: &str) -> bool {
    let mut reading = path.as_bytes().to_vec();
    // Some servers decode twice. What still changes after that is nothing that an honest client sends.
    for _ in 0..4 {
        if leads_elsewhere(&reading) {
            return true;
        }
        let (next, separators) = decoded(&reading);
        if separators {
            return true;
        }
        if next == reading {
            return false;
        }
        reading = next;
    }
    true
}

fn leads_elsewhere(path: &[u8]) -> bool {
    path.iter().any(|byte| *byte == b'\\' || byte.is_ascii_control())
        || path.split(|byte| *byte == b'/').any(|segment| {
            // `..;x` is `..` for servers that know parameters of segments.
            let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
            matches!(name, b"." | b"..")
        })
}

/// With its escapes resolved once; and whether one of them was a slash of either kind.
fn decoded(path: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(path.len());
    let (mut at, mut separators) = (0, false);
    while let Some(&byte) = path.get(at) {
        let digits = path.get(at + 1..at + 3).filter(|_| byte == b'%');
        let escaped = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        separators |= matches!(escaped, Some(b'/' | b'\\'));
        out.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    (out, separators)
}

#[cfg(test)]
mod tests {
    use super::is_detour;

    #[test]
    fn dots_slashes_and_backslashes_are_found_in_any_spelling() {
        for path in [
            "/api/users/../graphql",
            "/api/users/./me",
            "/api/users/..",
            "/api/users/%2e%2e/graphql",
            "/api/users/.%2E/graphql",
            "/api/users/%2e./graphql",
            "/api/users/%252e%252e/graphql",
            "/api/users/%25252e%25252e/graphql",
            "/api/users/%2525252525252e/graphql",
            "/api/users/..;a=b/graphql",
            "/api/users/..%2fgraphql",
            "/api/users/..%2Fgraphql",
            "/api/users/a%252fb",
            "/api/users\\..\\graphql",
            "/api/users/a%5cb",
            "/api/users/a%00b",
        ] {
            assert!(is_detour(path), "{path}");
        }
    }

    #[test]
    fn honest_paths_pass() {
        for path in [
            "/",
            "/graphql",
            "/api/users/v1/me",
            "/api/tickets/v1/a.b..c/...",
            "/api/events/v1/100%25/caf%C3%A9",
            "/assets/index-1.2.js",
            "/api/events/v1/a%20b/",
            "/.well-known/jwks.json",
            "/api/users/50%",
        ] {
            assert!(!is_detour(path), "{path}");
        }
    }
}
