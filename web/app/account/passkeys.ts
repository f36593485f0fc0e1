/** Passkeys as browsers make and show them; what goes to and fro is JSON in a text. */

/** Whether this browser knows passkeys, and how they are written as JSON. */
export function knowsPasskeys(): boolean {
  return typeof PublicKeyCredential !== "undefined" && "parseRequestOptionsFromJSON" in PublicKeyCredential && isSecureContext;
}

/** Has the device make a passkey; null when its owner gave up. */
export async function makePasskey(options: string): Promise<string | null> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(inner(options) as PublicKeyCredentialCreationOptionsJSON);
  return answer(() => navigator.credentials.create({ publicKey }));
}

/** Has the device show a passkey; null when its owner gave up. */
export async function showPasskey(options: string): Promise<string | null> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(inner(options) as PublicKeyCredentialRequestOptionsJSON);
  return answer(() => navigator.credentials.get({ publicKey }));
}

/** What the browser takes, whether or not it is named as in the call to it. */
function inner(options: string): unknown {
  const parsed = JSON.parse(options) as { publicKey?: unknown };
  return parsed.publicKey ?? parsed;
}

async function answer(ask: () => Promise<Credential | null>): Promise<string | null> {
  try {
    const credential = await ask();
    return credential ? JSON.stringify((credential as PublicKeyCredential).toJSON()) : null;
  } catch (error) {
    if (error instanceof DOMException && ["NotAllowedError", "AbortError"].includes(error.name)) return null;
    throw error;
  }
}
