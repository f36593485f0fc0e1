/**
 * The server's time: what is held, is held by its clock, and a phone's may be minutes wrong. Answers tell the time in whole
 * seconds, which is near enough for a countdown.
 */
let ahead = 0;

export const clock = {
  /** Takes the `Date` of an answer. */
  set(date: string | null): void {
    const told = date ? Date.parse(date) : Number.NaN;
    if (!Number.isNaN(told)) ahead = told - Date.now();
  },
  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + ahead;
  },
};
