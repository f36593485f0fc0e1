/** When the time left is said aloud, in seconds: not each second. */
const ANNOUNCED = [300, 120, 60, 30];

/** Such as "9:05", or "11:59:05" where there are hours. */
export function minutesAndSeconds(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (number: number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

/** Which announcement falls between two moments, both told as time left: the last of several, null for none. */
export function announcedBetween(before: number, now: number): number | null {
  return ANNOUNCED.findLast((seconds) => before > seconds * 1000 && now <= seconds * 1000) ?? null;
}
