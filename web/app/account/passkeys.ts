/** Passkeys as browsers make and show them; what goes to and fro is JSON in a text. */

/** Why a device has made none, where that is its answer and not its owner's. */
export type PasskeyTrouble = "KNOWN_HERE" | "OTHER_NAME";

export class PasskeyError extends Error {
  readonly trouble: PasskeyTrouble;
  constructor(trouble: PasskeyTrouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

/** Whether this browser knows passkeys, how they are written as JSON, and whether this page has a name that they can belong to. */
export function knowsPasskeys(): boolean {
  return canDoPasskeys() && !isNumber(location.hostname);
}

/** Where the same pages have a name, when this machine looks at itself by its number; null where it is not so. */
export function namedPage(): string | null {
  if (!canDoPasskeys() || !["127.0.0.1", "[::1]"].includes(location.hostname)) return null;
  const named = new URL(location.href);
  named.hostname = "localhost";
  return named.href;
}

/** Whether a host is called by a number: browsers keep passkeys for names alone. */
export function isNumber(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.startsWith("[");
}

function canDoPasskeys(): boolean {
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

/** What a device has answered, as the graph takes it. It stands apart for tests. */
export async function answer(ask: () => Promise<Credential | null>): Promise<string | null> {
  try {
    const credential = await ask();
    return credential ? JSON.stringify((credential as PublicKeyCredential).toJSON()) : null;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (["NotAllowedError", "AbortError"].includes(error.name)) return null;
    if (error.name === "InvalidStateError") throw new PasskeyError("KNOWN_HERE");
    if (error.name === "SecurityError") throw new PasskeyError("OTHER_NAME");
    throw error;
  }
}
