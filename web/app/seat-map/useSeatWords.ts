import { useLingui } from "@lingui/react/macro";
import { BLOCKED, FREE, HELD, type Seats, SOLD } from "./seats";

/** How a seat is called aloud: where it is, what it is, and whether it can be had. */
export function useSeatWords(seats: Seats, priceOf: (seat: number) => string | null): (seat: number) => string {
  const { t } = useLingui();
  const states: Record<number, string> = { [FREE]: t`free`, [HELD]: t`held by somebody`, [SOLD]: t`sold`, [BLOCKED]: t`not for sale` };
  return (seat) => {
    const row = seats.rows[seat] ?? "";
    const number = seats.numbers[seat] ?? "";
    const words = [t`Row ${row}, seat ${number}`];
    if (seats.accessible.has(seat)) words.push(t`wheelchair place`);
    if (seats.restricted.has(seat)) words.push(t`restricted view`);
    const price = priceOf(seat);
    if (seats.chosen.has(seat)) words.push(t`chosen`);
    else words.push(states[seats.status(seat)] ?? "");
    if (price && seats.isFree(seat)) words.push(price);
    return words.join(", ");
  };
}
