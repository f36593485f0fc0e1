use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use kernel::{Fault, Refusal, Result};
use serde::{Serialize, de::DeserializeOwned};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Webauthn, WebauthnBuilder,
};
use webauthn_rs_proto::ResidentKeyRequirement;

use crate::domain::{
    entities::Profile,
    ports::{NewPasskey, PasskeyAsk, Passkeys},
    reasons,
};

/// The largest answer of a device that is read, in bytes.
const LARGEST: usize = 32 * 1024;

/// Passkeys by webauthn-rs, for pages under one address. What is under way is kept at our side.
pub struct WebauthnPasskeys(Option<Webauthn>);

impl WebauthnPasskeys {
    /// For the pages under this address. Passkeys belong to a name: there are none where the address is a number, except
    /// that this machine is `localhost` to itself.
    pub fn at(public_url: &str) -> Self {
        let Some(origin) = Url::parse(public_url).ok().and_then(named) else { return Self(None) };
        let name = origin.domain().unwrap_or_default().to_owned();
        let built = WebauthnBuilder::new(&name, &origin).and_then(|it| it.rp_name("Odysseus").build());
        if let Err(error) = &built {
            tracing::warn!(%error, "there are no passkeys under the public address");
        }
        Self(built.ok())
    }

    fn there(&self) -> Result<&Webauthn, Refusal> {
        self.0.as_ref().ok_or_else(|| {
            let message = "There are no passkeys under this address, since it is a number. Use an app that shows codes.";
            Refusal::new(reasons::PASSKEYS_UNAVAILABLE, message)
        })
    }
}

fn named(mut origin: Url) -> Option<Url> {
    let is_here = matches!(origin.host_str(), Some("127.0.0.1" | "[::1]"));
    if is_here {
        origin.set_host(Some("localhost")).ok()?;
    }
    origin.domain().is_some().then_some(origin)
}

impl Passkeys for WebauthnPasskeys {
    fn ask_to_make(&self, of: &Profile, known: &[String]) -> Result<PasskeyAsk> {
        let address = of.email.as_str();
        let name = of.name.as_deref().unwrap_or(address);
        let known = known.iter().filter_map(|known| BASE64_URL_SAFE_NO_PAD.decode(known).ok());
        let known = known.collect();
        let (mut asked, state) = self
            .there()?
            .start_passkey_registration(of.id.uuid(), address, name, Some(known))
            .map_err(|cause| Fault::new("asking for a passkey", cause))?;
        // It is to be found by whoever does not say who they are: so its device has to keep it.
        if let Some(selection) = &mut asked.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Required);
        }
        Ok(PasskeyAsk { options: json(&asked.public_key)?, state: json(&state)? })
    }

    fn made(&self, answer: &str, state: &str) -> Result<NewPasskey> {
        let answer: RegisterPublicKeyCredential = read(answer)?;
        let state: PasskeyRegistration = remembered(state)?;
        let passkey = self.there()?.finish_passkey_registration(&answer, &state).map_err(|error| {
            tracing::info!(%error, "a passkey was not taken");
            let message = "is not what was asked for; let your device make a passkey for this page, and confirm it there";
            Refusal::bad_input("answer", message).because(kernel::reasons::INVALID)
        })?;
        let credential = BASE64_URL_SAFE_NO_PAD.encode(passkey.cred_id());
        Ok(NewPasskey { credential, stored: json(&passkey)? })
    }

    fn ask_to_show(&self) -> Result<PasskeyAsk> {
        let begun = self.there()?.start_discoverable_authentication();
        let (asked, state) = begun.map_err(|cause| Fault::new("asking for a passkey", cause))?;
        Ok(PasskeyAsk { options: json(&asked.public_key)?, state: json(&state)? })
    }

    fn shown(&self, answer: &str) -> Result<String, Refusal> {
        let answer: PublicKeyCredential = read(answer)?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(answer.get_credential_id()))
    }

    fn check(&self, answer: &str, state: &str, stored: &str) -> Result<Option<String>> {
        let answer: PublicKeyCredential = read(answer)?;
        let state: DiscoverableAuthentication = remembered(state)?;
        let mut passkey: Passkey = remembered(stored)?;
        let shown = self.there()?.finish_discoverable_authentication_v2(&answer, state, &passkey);
        let shown = shown.map_err(|error| {
            tracing::info!(%error, "a passkey was refused");
            let message = "Your device did not show this passkey as it has to be. Try again, or log in by your password.";
            Refusal::new(reasons::WRONG_PASSKEY, message)
        })?;
        let has_changed = passkey.update_credential(&shown) == Some(true);
        Ok(has_changed.then(|| json(&passkey)).transpose()?)
    }
}

fn json(what: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(what).map_err(|cause| Fault::new("writing a passkey", cause))
}

fn remembered<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|cause| Fault::new("reading a passkey", cause))
}

/// What a browser sent.
fn read<T: DeserializeOwned>(answer: &str) -> Result<T, Refusal> {
    let read = if answer.len() > LARGEST { None } else { serde_json::from_str(answer).ok() };
    read.ok_or_else(|| {
        let message = "must be what the browser's credential writes by toJSON(), as text";
        Refusal::bad_input("answer", message).because(kernel::reasons::MALFORMED)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_belong_to_a_name_and_this_machine_has_one() {
        for (address, there) in [
            ("https://tickets.example.com", true),
            ("https://tickets.example.com:8443/shop", true),
            ("http://127.0.0.1:4000", true),
            ("http://localhost:4000", true),
            ("https://192.0.2.7", false),
            ("nonsense", false),
        ] {
            assert_eq!(WebauthnPasskeys::at(address).there().is_ok(), there, "{address}");
        }
    }
}
