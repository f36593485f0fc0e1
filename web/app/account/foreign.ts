/** Where somebody was who went to sign in elsewhere, what for, and with what they come back. */
type Left = { challenge: string; back: string; links: boolean };
/** With what the browser came back: what is to be exchanged, or that they refused, or nothing of use. */
export type Return = { left: Left; input: { challenge: string; state: string; code: string } } | "REFUSED" | "NOTHING";

const KEPT = "odysseus.foreign";

/** Sends the browser to who vouches for it: to sign in, or to link the account there with the one that is signed in here. */
export function leaveFor({ url, challenge }: { url: string; challenge: string }, links = false): void {
  const left: Left = { challenge, back: `${location.pathname}${location.search}`, links };
  sessionStorage.setItem(KEPT, JSON.stringify(left));
  location.assign(url);
}

/** What was kept and what the address says; it is good once. */
export function cameBack(search: string): Return {
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  const given = new URLSearchParams(search);
  const [state, code] = [given.get("state"), given.get("code")];
  if (given.get("error") === "access_denied") return "REFUSED";
  if (!kept || !state || !code) return "NOTHING";
  const left = JSON.parse(kept) as Left;
  return { left, input: { challenge: left.challenge, state, code } };
}
