//! What the storefront's page may load, and from where.

use std::sync::LazyLock;

/// A directive a line; what follows a plus is added where browsers speak to Stripe. Without that all comes from here, and no
/// script or style is written into the page. The two hashes are those of styles that the components of React Aria put in; a
/// test of `web/` compares them with the texts. `data:` is for QR codes and the pictures that stand in for others while these
/// are loaded. Stripe's hosts are those that its security guide names for the Payment Element.
const DIRECTIVES: &str = include_str!("policy.txt");

static OURS_ALONE: LazyLock<String> = LazyLock::new(|| written(false));
static WITH_STRIPE: LazyLock<String> = LazyLock::new(|| written(true));

/// The `Content-Security-Policy` of the storefront's page.
pub(super) fn content(with_stripe: bool) -> &'static str {
    if with_stripe { &WITH_STRIPE } else { &OURS_ALONE }
}

/// Its `Cross-Origin-Opener-Policy`: wallets of Stripe's open windows, which must reach the page again.
pub(super) fn opener(with_stripe: bool) -> &'static str {
    if with_stripe { "same-origin-allow-popups" } else { "same-origin" }
}

fn written(with_stripe: bool) -> String {
    let directives = DIRECTIVES.lines().filter_map(|line| match line.split_once(" + ") {
        None => Some(line.to_owned()),
        Some((ours, theirs)) if with_stripe => Some(format!("{ours} {theirs}")),
        // What has no source of ours is ruled by `default-src`.
        Some((ours, _)) => ours.contains(' ').then(|| ours.to_owned()),
    });
    directives.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_stripe_nothing_comes_from_elsewhere() {
        let policy = content(false);
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self' 'sha256-"),
            "{policy}"
        );
        for never in ["stripe", "http", "unsafe", "frame-src", " + "] {
            assert!(!policy.contains(never), "{never} in {policy}");
        }
        assert_eq!(opener(false), "same-origin");
    }

    #[test]
    fn with_stripe_its_script_its_frames_and_its_windows_are_let_in_and_nobody_elses() {
        let policy = content(true);
        assert!(policy.contains("script-src 'self' https://js.stripe.com"), "{policy}");
        assert!(policy.contains("frame-src https://js.stripe.com"), "{policy}");
        assert!(policy.contains("connect-src 'self' https://api.stripe.com"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains(" + "), "{policy}");
        let hosts = policy.split([' ', ';']).filter(|word| word.starts_with("http"));
        for host in hosts {
            assert!(host.starts_with("https://") && host.ends_with(".stripe.com"), "{host}");
        }
        assert_eq!(opener(true), "same-origin-allow-popups");
    }
}
