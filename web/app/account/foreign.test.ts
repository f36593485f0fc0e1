import { beforeEach, expect, test, vi } from "vitest";
import { cameBack, leaveFor } from "./foreign";

const kept = new Map<string, string>();
const assign = vi.fn();

beforeEach(() => {
  kept.clear();
  assign.mockReset();
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  });
  vi.stubGlobal("location", { pathname: "/events/gig", search: "?access=1", assign });
});

test("who signs in elsewhere comes back to where they were, once", () => {
  leaveFor({ url: "https://id.example/authorize", challenge: "c" });
  expect(assign).toHaveBeenCalledWith("https://id.example/authorize");
  expect(cameBack("?state=s&code=k")).toEqual({
    left: { challenge: "c", back: "/events/gig?access=1", links: false },
    input: { challenge: "c", state: "s", code: "k" },
  });
  expect(cameBack("?state=s&code=k")).toBe("NOTHING");
});

test("a refusal elsewhere is known from a way back that nobody began", () => {
  leaveFor({ url: "https://id.example/authorize", challenge: "c" }, true);
  expect(cameBack("?error=access_denied&state=s")).toBe("REFUSED");
  expect(cameBack("")).toBe("NOTHING");
});
