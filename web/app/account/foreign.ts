/** Where somebody was who went to sign in elsewhere, and with what they come back. */
type Left = { challenge: string; back: string };

const KEPT = "odysseus.foreign";

/** Sends the browser to who vouches for it. */
export function leaveFor({ url, challenge }: { url: string; challenge: string }): void {
  const left: Left = { challenge, back: `${location.pathname}${location.search}` };
  sessionStorage.setItem(KEPT, JSON.stringify(left));
  location.assign(url);
}

/** What was kept; it is good once. */
export function cameBack(): Left | null {
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  return kept ? (JSON.parse(kept) as Left) : null;
}
