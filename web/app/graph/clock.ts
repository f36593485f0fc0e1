/**
 * The server's time: what is held, is held by its clock, and a phone's may be minutes wrong. Answers tell the time cut to whole
 * seconds, so that it is that or up to a second more: the latest of what several told is near enough for a countdown.
 */
let ahead = 0;
const SECOND_MS = 1_000;

export const clock = {
  /** Takes the `Date` of an answer. */
  set(date: string | null): void {
    const told = date ? Date.parse(date) : Number.NaN;
    if (Number.isNaN(told)) return;
    const least = told - Date.now();
    // What was taken for true before may be so still; otherwise one of the clocks was put right.
    if (least > ahead || least + SECOND_MS < ahead) ahead = least;
  },
  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + ahead;
  },
};
