use std::collections::BTreeMap;

use kernel::Refusal;

use super::{Channel, Choice, Kind};

/// What a person wants to be told, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences(BTreeMap<(Kind, Channel), bool>);

/// One of a person's preferences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preference {
    /// Of which kind of message.
    pub kind: Kind,
    /// By which channel.
    pub channel: Channel,
    /// Whether it is sent.
    pub enabled: bool,
    /// Whether the person may change that.
    pub changeable: bool,
}

impl Preferences {
    /// Rebuilds them from rows; for adapters only.
    pub fn restore(chosen: impl IntoIterator<Item = (Kind, Channel, bool)>) -> Self {
        Self(chosen.into_iter().map(|(kind, channel, enabled)| ((kind, channel), enabled)).collect())
    }

    /// Whether a message of this kind goes by this channel.
    pub fn allow(&self, kind: Kind, channel: Channel) -> bool {
        match kind.choice(channel) {
            None => false,
            Some(Choice::Always) => true,
            Some(choice) => *self.0.get(&(kind, channel)).unwrap_or(&(choice == Choice::On)),
        }
    }

    /// Chooses. Refused where a kind never goes by the channel, and where it cannot be switched off.
    pub fn choose(&mut self, kind: Kind, channel: Channel, enabled: bool) -> Result<(), Refusal> {
        match kind.choice(channel) {
            None => Err(Refusal::bad_input(
                "channel",
                format!("{} is never sent by {}", kind.as_str(), channel.as_str()),
            )
            .because(kernel::reasons::INCONSISTENT)),
            Some(Choice::Always) if !enabled => Err(Refusal::bad_input(
                "enabled",
                format!(
                    "{} by {} carries tickets or is about money, and cannot be switched off",
                    kind.as_str(),
                    channel.as_str()
                ),
            )
            .because(kernel::reasons::CANNOT_BE_SWITCHED_OFF)),
            Some(_) => {
                self.0.insert((kind, channel), enabled);
                Ok(())
            }
        }
    }

    /// What the person has chosen themselves.
    pub fn chosen(&self) -> impl Iterator<Item = (Kind, Channel, bool)> {
        self.0.iter().map(|((kind, channel), enabled)| (*kind, *channel, *enabled))
    }

    /// Every preference there is, with what holds.
    pub fn all(&self) -> Vec<Preference> {
        let pairs = Kind::ALL.iter().flat_map(|kind| Channel::ALL.iter().map(|channel| (*kind, *channel)));
        pairs
            .filter_map(|(kind, channel)| {
                let choice = kind.choice(channel)?;
                let (enabled, changeable) = (self.allow(kind, channel), choice != Choice::Always);
                Some(Preference { kind, channel, enabled, changeable })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_are_mailed_whatever_was_chosen() {
        let mut preferences = Preferences::default();
        let refusal = preferences.choose(Kind::OrderConfirmed, Channel::Email, false).unwrap_err();
        assert_eq!(refusal.details["field"], "enabled");
        let forced = Preferences::restore([(Kind::OrderConfirmed, Channel::Email, false)]);
        assert!(preferences.allow(Kind::OrderConfirmed, Channel::Email));
        assert!(forced.allow(Kind::OrderConfirmed, Channel::Email), "not even a row can switch it off");
    }

    #[test]
    fn who_does_not_want_mails_about_declined_cards_gets_none() {
        let mut preferences = Preferences::default();
        assert!(preferences.allow(Kind::PaymentDeclined, Channel::Email));
        preferences.choose(Kind::PaymentDeclined, Channel::Email, false).unwrap();
        assert!(!preferences.allow(Kind::PaymentDeclined, Channel::Email));
    }

    #[test]
    fn nobody_gets_an_sms_unasked() {
        let mut preferences = Preferences::default();
        assert!(preferences.all().iter().all(|one| one.channel != Channel::Sms || !one.enabled));
        preferences.choose(Kind::OrderConfirmed, Channel::Sms, true).unwrap();
        assert!(preferences.allow(Kind::OrderConfirmed, Channel::Sms));
    }

    #[test]
    fn what_never_goes_by_a_channel_cannot_be_switched_on() {
        let mut preferences = Preferences::default();
        let refusal = preferences.choose(Kind::OrderExpired, Channel::Email, true).unwrap_err();
        assert_eq!(refusal.details["field"], "channel");
        assert!(!preferences.allow(Kind::OrderExpired, Channel::Email));
    }
}
