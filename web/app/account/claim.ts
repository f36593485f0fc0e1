const KEPT = "odysseus.claim";

/** What the link of a guest's confirmation mail shows: which order, the mail's address, and that it was read there. */
export type Claim = { number: string; email: string; token: string };

/** What stands in the address of the page; null when the link has lost some of it. */
export function claimIn(search: string): Claim | null {
  const given = new URLSearchParams(search);
  const [number, email, token] = ["number", "email", "token"].map((name) => given.get(name)?.trim());
  return number && email && token ? { number, email, token } : null;
}

/**
 * The claim that a page was opened with. It outlives a way elsewhere, on which somebody signs in; null forgets it.
 */
export function keepClaim(claim: Claim | null): void {
  if (claim) sessionStorage.setItem(KEPT, JSON.stringify(claim));
  else sessionStorage.removeItem(KEPT);
}

export function keptClaim(): Claim | null {
  return JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Claim | null;
}
