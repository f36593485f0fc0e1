import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clock } from "../graph/clock";

const SOON = 10_000;
const LATER = 900_000;
const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const kept = new Map<string, string>();
let session: typeof import("./session");

const begun = (accessToken: string, lasts: number) => ({
  accessToken,
  expiresAt: new Date(clock.now() + lasts).toISOString(),
  refreshToken: `refresh ${accessToken}`,
  user: { name: "Ada", email: "ada@example.test", guest: false },
});
const answer = (body: object) => async () => new Response(JSON.stringify(body), { headers: { date: new Date().toUTCString() } });

/** The tabs' channel: what one posts, all others hear. */
class Channel extends EventTarget {
  static open = new Set<Channel>();
  constructor() {
    super();
    Channel.open.add(this);
  }
  postMessage(data: unknown) {
    for (const other of Channel.open) if (other !== this) other.dispatchEvent(new MessageEvent("message", { data }));
  }
}

beforeEach(async () => {
  Channel.open.clear();
  vi.stubGlobal("BroadcastChannel", Channel);
  vi.stubGlobal("document", { documentElement: { lang: "en" } });
  vi.stubGlobal("fetch", fetched);
  for (const name of ["sessionStorage", "localStorage"]) {
    vi.stubGlobal(name, {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    });
  }
  kept.clear();
  fetched.mockReset();
  vi.resetModules();
  session = await import("./session");
});
afterEach(() => vi.unstubAllGlobals());

test("a token that lasts is used as it is", async () => {
  session.begin(begun("one", LATER));
  expect(await session.token()).toBe("one");
  expect(fetched).not.toHaveBeenCalled();
});

test("who asks at once shares one refresh, since a refresh token is good once", async () => {
  session.begin(begun("one", SOON));
  fetched.mockImplementation(answer({ data: { refreshSession: begun("two", LATER) } }));
  expect(await Promise.all([session.token(), session.token(), session.token()])).toEqual(["two", "two", "two"]);
  expect(fetched).toHaveBeenCalledTimes(1);
  expect(fetched.mock.calls[0]?.[1].body).toContain("refresh one");
});

test("a session that was ended elsewhere is over here, too", async () => {
  session.begin(begun("one", SOON));
  fetched.mockImplementation(answer({ errors: [{ message: "Log in again.", extensions: { code: "UNAUTHENTICATED" } }] }));
  expect(await session.token()).toBeNull();
  expect(session.person()).toBeNull();
  expect(kept.size).toBe(0);
});

test("a network that is down ends no session", async () => {
  session.begin(begun("one", SOON));
  fetched.mockRejectedValue(new TypeError("no network"));
  await expect(session.token()).rejects.toMatchObject({ code: "UNREACHABLE" });
  expect(session.person()?.name).toBe("Ada");
});

test("who signs out meanwhile stays signed out", async () => {
  session.begin(begun("one", SOON));
  let arrive = (_: Response) => {};
  fetched.mockImplementation(
    () =>
      new Promise((resolve) => {
        arrive = resolve;
      }),
  );
  const asked = session.token();
  await vi.waitFor(() => expect(fetched).toHaveBeenCalled());
  session.end();
  arrive(await answer({ data: { refreshSession: begun("two", LATER) } })());
  expect(await asked).toBeNull();
  expect(session.person()).toBeNull();
});

test("who signs in or out in one tab does in all, and a new tab knows who it is", async () => {
  session.begin(begun("one", LATER));
  kept.clear();
  vi.resetModules();
  const other: typeof session = await import("./session");
  expect(other.person()?.name).toBe("Ada");
  expect(await other.token()).toBe("one");
  other.end();
  expect(session.person()).toBeNull();
});

test("of two tabs one exchanges the token, and the other takes it over", async () => {
  session.begin(begun("one", SOON));
  vi.resetModules();
  const other: typeof session = await import("./session");
  fetched.mockImplementation(answer({ data: { refreshSession: begun("two", LATER) } }));
  expect(await session.token()).toBe("two");
  expect(await other.token()).toBe("two");
  expect(fetched).toHaveBeenCalledTimes(1);
});

test("a session in a cookie outlives the page, and no token is kept where scripts can read it", async () => {
  session.begin({ ...begun("one", LATER), refreshToken: null });
  expect([...kept.values()].join()).not.toContain("one");
  Channel.open.clear();
  vi.resetModules();
  const later: typeof session = await import("./session");
  expect(later.person()?.name).toBe("Ada");
  fetched.mockImplementation(answer({ data: { refreshSession: { ...begun("two", LATER), refreshToken: null } } }));
  expect(await later.token()).toBe("two");
  expect(fetched.mock.calls[0]?.[1].headers).toMatchObject({ "x-session": "cookie" });
  later.end();
  expect(kept.size).toBe(0);
});
