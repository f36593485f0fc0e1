import type { Seats } from "../seat-map/seats";
import { type Money, sum } from "../ui/money";
import type { ShownType } from "./queries";

/** How many places without numbers are chosen, by ticket type. */
export type Places = Readonly<Record<string, number>>;

/** What somebody wants to have held. */
export type Wish = {
  seats: { key: string; ticketTypeId: string }[];
  generalAdmission: { ticketTypeId: string; quantity: number }[];
};

export function wishOf(seats: Seats | null, places: Places): Wish {
  return {
    seats: [...(seats?.chosen ?? [])].map(([seat, ticketTypeId]) => ({ key: seats?.keys[seat] ?? "", ticketTypeId })),
    generalAdmission: Object.entries(places)
      .filter(([, quantity]) => quantity > 0)
      .map(([ticketTypeId, quantity]) => ({ ticketTypeId, quantity })),
  };
}

export function countOf({ seats, generalAdmission }: Wish): number {
  return seats.length + generalAdmission.reduce((all, { quantity }) => all + quantity, 0);
}

export function totalOf({ seats, generalAdmission }: Wish, types: readonly ShownType[], currency: string): Money {
  const parts = [...seats.map(({ ticketTypeId }) => ({ ticketTypeId, quantity: 1 })), ...generalAdmission];
  return sum(
    parts.flatMap(({ ticketTypeId, quantity }) => {
      const type = types.find(({ id }) => id === ticketTypeId);
      return type ? [{ money: type.price, times: quantity }] : [];
    }),
    currency,
  );
}

/** A number of places that can be ordered, nearest to the one that is wanted in the direction it went. */
export function allowed(wanted: number, before: number, type: ShownType): number {
  const { minPerOrder } = type;
  const most = mostOf(type);
  if (wanted <= 0 || most < minPerOrder) return 0;
  if (wanted < minPerOrder) return wanted > before ? minPerOrder : 0;
  return Math.min(wanted, most);
}

/** How many of a type one may order, by its own limits, by what is left, and by what one has already. */
export function mostOf({ maxPerOrder, available, limitPerBuyer, boughtByMe }: ShownType): number {
  const share = limitPerBuyer === null || limitPerBuyer === undefined ? maxPerOrder : limitPerBuyer - (boughtByMe ?? 0);
  return Math.max(0, Math.min(maxPerOrder, available ?? maxPerOrder, share));
}
