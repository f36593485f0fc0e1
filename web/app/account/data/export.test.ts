import { expect, test } from "vitest";
import { allKept, type Page } from "./export";

const PAGES: Record<string, Page> = {
  "/api/users/v1/me/export": { service: "users", kind: "account", records: [{ name: "Ada" }], next: null },
  "/api/tickets/v1/me/export": {
    service: "tickets",
    kind: "orders",
    records: [1, 2],
    next: "/api/tickets/v1/me/export?kind=orders&after=2",
  },
  "/api/tickets/v1/me/export?kind=orders&after=2": {
    service: "tickets",
    kind: "orders",
    records: [3],
    next: "/api/tickets/v1/me/export?kind=tickets",
  },
  "/api/tickets/v1/me/export?kind=tickets": { service: "tickets", kind: "tickets", records: [], next: null },
  "/api/payments/v1/me/export": { service: "payments", kind: "payments", records: [], next: null },
  "/api/notifications/v1/me/export": { service: "notifications", kind: "notifications", records: ["hello"], next: null },
};

const read = async (path: string) => {
  const page = PAGES[path];
  if (!page) throw new Error(`nothing at ${path}`);
  return page;
};

test("all pages of all parts come together, by kind", async () => {
  expect(await allKept(read)).toEqual({
    users: { account: [{ name: "Ada" }] },
    tickets: { orders: [1, 2, 3], tickets: [] },
    payments: { payments: [] },
    notifications: { notifications: ["hello"] },
  });
});

test("where one part does not answer there is no file that lacks something unsaid", async () => {
  const halting = (path: string) => (path.includes("payments") ? Promise.reject(new Error("gone")) : read(path));
  await expect(allKept(halting)).rejects.toThrow("gone");
});
