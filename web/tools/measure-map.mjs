// Measures the map of a hall of twenty thousand seats in a browser, at ODYSSEUS_URL, where the demonstration is:
//
//   tools/with-demonstration <the built odysseus> npm --prefix web run measure
//
// It puts on an event of its own, opens its page, moves and zooms the map, and has a guest hold seats that a second browser
// watches. What it found it writes as a table, and fails where a buyer would notice: see `MOST`.

import process from "node:process";
import { chromium } from "@playwright/test";

const HOME = process.env.ODYSSEUS_URL ?? "http://127.0.0.1:4000";
const PASSWORD = "odysseus-demo";
const [BLOCKS, TIERS, ROWS, SEATS] = [10, 4, 20, 25];
const MOVE_MS = 3_000;
const HOLDS = 20;
/** What must not be surpassed, in milliseconds; of the work for a frame, half of the time that sixty a second leave. */
const MOST = { work: 8.3, told: 500 };
/** As phones and desktops show it: of a phone with many pixels, at most two for each of the page's are drawn. */
const SCREENS = { desktop: { width: 1280, height: 800, deviceScaleFactor: 1 }, phone: { width: 390, height: 844, deviceScaleFactor: 3 } };

async function ask(query, variables, token) {
  const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const answer = await fetch(`${HOME}/graphql`, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(errors.map(({ message, path }) => `${path}: ${message}`).join("; "));
  return data;
}

/** Sections in four rings around a stage, each of straight rows. */
function sections() {
  return Array.from({ length: BLOCKS * TIERS }, (_, at) => {
    const [tier, block] = [Math.floor(at / BLOCKS), at % BLOCKS];
    const turn = (Math.PI * (block + 0.5)) / BLOCKS;
    const [out, along] = [
      [Math.cos(turn), Math.sin(turn)],
      [-Math.sin(turn), Math.cos(turn)],
    ];
    const [near, pitch] = [95 + tier * 24, 1];
    const point = (far, aside) => ({ x: out[0] * far + along[0] * aside, y: out[1] * far + along[1] * aside });
    const rows = Array.from({ length: ROWS }, (_, row) => {
      const first = point(near + row, (-(SEATS - 1) / 2) * pitch);
      return { label: `${row + 1}`, runs: [{ from: 1, to: SEATS, ...first, dx: along[0] * pitch, dy: along[1] * pitch }] };
    });
    const edge = SEATS / 2 + 0.5;
    const outline = [point(near - 1, -edge), point(near - 1, edge), point(near + ROWS, edge), point(near + ROWS, -edge)];
    const name = `Block ${(tier + 1) * 100 + block + 1}`;
    return { key: `${(tier + 1) * 100 + block + 1}`, name, kind: "SEATED", rows, outline };
  });
}

/** A published event in a new hall; its slug, id, ticket types and seats. */
async function putOn() {
  const { login } = await ask("mutation ($input: LoginInput!) { login(input: $input) { accessToken } }", {
    input: { email: "organizer@odysseus.test", password: PASSWORD },
  });
  const as = (query, variables) => ask(query, variables, login.accessToken);
  const { createOrganization } = await as("mutation ($input: CreateOrganizationInput!) { createOrganization(input: $input) { id } }", {
    input: { name: "Measured" },
  });
  const organizationId = createOrganization.id;
  const address = { street: "Ring 1", postalCode: "1010", city: "Vienna", countryCode: "AT" };
  const { createVenue } = await as("mutation ($input: CreateVenueInput!) { createVenue(input: $input) { id } }", {
    input: { organizationId, name: "Measured hall", timezone: "Europe/Vienna", address },
  });
  const { createVenueLayout } = await as(
    "mutation ($input: CreateVenueLayoutInput!) { createVenueLayout(input: $input) { id capacity } }",
    {
      input: { venueId: createVenue.id, name: "Whole", focalPoint: { x: 0, y: 0 }, sections: sections() },
    },
  );
  const days = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString();
  const { createEvent } = await as("mutation ($input: CreateEventInput!) { createEvent(input: $input) { id slug } }", {
    input: {
      organizationId,
      venueId: createVenue.id,
      layoutId: createVenueLayout.id,
      title: "Twenty thousand seats",
      category: "MUSIC",
      startsAt: days(30),
      endsAt: days(30.2),
      currency: "EUR",
    },
  });
  for (const tier of Array.from({ length: TIERS }, (_, at) => at)) {
    const keys = Array.from({ length: BLOCKS }, (_, block) => `${(tier + 1) * 100 + block + 1}`);
    const input = {
      eventId: createEvent.id,
      name: `Ring ${tier + 1}`,
      sections: keys,
      price: { amount: `${90 - tier * 20}`, currency: "EUR" },
    };
    await as("mutation ($input: CreateTicketTypeInput!) { createTicketType(input: $input) { id } }", { input });
  }
  await as("mutation ($id: ID!) { publishEvent(id: $id) { id } }", { id: createEvent.id });
  for (;;) {
    const { event } = await as("query ($id: ID!) { event(id: $id) { seatMap { version } ticketTypes { id } } }", { id: createEvent.id });
    if (event.seatMap) return { ...createEvent, seats: createVenueLayout.capacity, types: event.ticketTypes.map(({ id }) => id) };
    await new Promise((later) => setTimeout(later, 200));
  }
}

/** Seconds of the processors that the whole browser has used. */
async function used(devtools) {
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  return processInfo.reduce((all, { cpuTime }) => all + cpuTime, 0);
}

/** Does something to the map at every frame, for a while. */
async function move(page, devtools, what) {
  const client = await page.context().newCDPSession(page);
  // By the clock of the processor: others may use it, too.
  await client.send("Performance.enable", { timeDomain: "threadTicks" });
  const metric = async (name) => (await client.send("Performance.getMetrics")).metrics.find((one) => one.name === name).value;
  const [script, cpu] = [await metric("TaskDuration"), await used(devtools)];
  const gaps = await page.getByTestId("seat-map").evaluate(
    (element, { what, during }) =>
      new Promise((done) => {
        const { drawing, seats } = element;
        const gaps = [];
        const began = performance.now();
        let before = began;
        const step = (now) => {
          if (now > before) gaps.push(now - before);
          before = now;
          const at = (now - began) / during;
          if (at >= 1) return done(gaps);
          if (what === "pan") drawing.camera.pan(Math.cos(at * 12) * 9, Math.sin(at * 12) * 9);
          else drawing.camera.zoom(Math.exp(Math.cos(at * Math.PI * 2) * 0.045), element.clientWidth / 2, element.clientHeight / 2, true);
          if (seats.keys.length === 0) return done([]);
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
    { what, during: MOVE_MS },
  );
  const work = ((await metric("TaskDuration")) - script) * 1_000;
  const all = ((await used(devtools)) - cpu) * 1_000;
  gaps.sort((one, other) => one - other);
  return {
    frames: (gaps.length / gaps.reduce((all, gap) => all + gap, 0)) * 1_000,
    slow: gaps[Math.floor(gaps.length * 0.95)] ?? 0,
    work: work / gaps.length,
    cpu: all / gaps.length,
  };
}

/** The page, until every section's seats are on the canvas. */
async function open(page, slug) {
  const began = Date.now();
  await page.goto(`${HOME}/events/${slug}`);
  const map = page.getByTestId("seat-map");
  await map.waitFor();
  await page.waitForFunction(() => document.querySelector('[data-testid="seat-map"]')?.drawing?.isDrawn());
  const shown = Date.now() - began;
  const again = await map.evaluate(
    ({ drawing }) =>
      new Promise((done) => {
        const began = performance.now();
        drawing.readColours();
        const look = () => (drawing.isDrawn() ? done(performance.now() - began) : requestAnimationFrame(look));
        requestAnimationFrame(look);
      }),
  );
  return { shown, again };
}

/** From asking to hold a seat until another browser's map shows it so, each time. */
async function told(page, event) {
  const { continueAsGuest } = await ask("mutation ($input: ContinueAsGuestInput!) { continueAsGuest(input: $input) { accessToken } }", {
    input: { name: "Polites", email: `${crypto.randomUUID()}@example.test` },
  });
  const map = page.getByTestId("seat-map");
  const times = [];
  for (let at = 0; at < HOLDS; at++) {
    const key = `101-${at + 1}-3`;
    await map.evaluate((element, key) => {
      const { seats, drawing } = element;
      const seat = seats.keys.indexOf(key);
      element.turned = new Promise((done, fail) => {
        setTimeout(() => fail(new Error(`${key} did not turn within ten seconds.`)), 10_000);
        const look = () => (drawing.isDrawn() ? done(Date.now()) : requestAnimationFrame(look));
        const stop = seats.onChange((changed) => {
          if (!changed.includes(seat)) return;
          stop();
          requestAnimationFrame(look);
        });
      });
    }, key);
    const began = Date.now();
    const input = { eventId: event.id, seats: [{ key, ticketTypeId: event.types[0] }], idempotencyKey: crypto.randomUUID() };
    const { holdSeats } = await ask(
      "mutation ($input: HoldSeatsInput!) { holdSeats(input: $input) { id } }",
      { input },
      continueAsGuest.accessToken,
    );
    times.push((await map.evaluate(({ turned }) => turned)) - began);
    await ask("mutation ($id: ID!) { releaseReservation(id: $id) { id } }", { id: holdSeats.id }, continueAsGuest.accessToken);
  }
  times.sort((one, other) => one - other);
  return { half: times[times.length >> 1], worst: times.at(-1) };
}

const event = await putOn();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", chromiumSandbox: false });
const devtools = await browser.newBrowserCDPSession();
const lines = [];
let failed = false;
const tell = (screen, what, value, most = Number.POSITIVE_INFINITY, unit = "ms") => {
  failed ||= value > most;
  lines.push(`| ${screen} | ${what} | ${value.toFixed(value < 20 ? 1 : 0)} ${unit}${value > most ? `, more than ${most}` : ""} |`);
};
try {
  for (const [screen, { deviceScaleFactor, ...viewport }] of Object.entries(SCREENS)) {
    const context = await browser.newContext({ viewport, deviceScaleFactor });
    const page = await context.newPage();
    const { shown, again } = await open(page, event.slug);
    tell(screen, "from the address to every seat on the map", shown);
    tell(screen, "every seat drawn anew", again);
    for (const [what, words] of Object.entries({
      pan: "whole map moved",
      zoom: "zoomed in and out",
      near: "moved where seats can be chosen",
    })) {
      if (what === "near") await page.getByTestId("seat-map").evaluate(({ drawing }) => drawing.show(5_000));
      await page.waitForTimeout(600);
      const { frames, slow, work, cpu } = await move(page, devtools, what === "near" ? "pan" : what);
      tell(screen, `${words}: frames`, frames, undefined, "/s");
      tell(screen, `${words}: between frames, p95`, slow);
      tell(screen, `${words}: work of the page for a frame`, work, MOST.work);
      tell(screen, `${words}: processors of the whole browser for a frame`, cpu);
    }
    if (screen === "desktop") {
      const { half, worst } = await told(page, event);
      tell(screen, "from asking to hold a seat until another browser shows it, p50", half, MOST.told);
      tell(screen, `the same, the slowest of ${HOLDS}`, worst);
    }
    await context.close();
  }
} finally {
  await browser.close();
}
console.log(`${event.seats} seats\n\n| screen | what | |\n|---|---|---:|\n${lines.join("\n")}`);
process.exitCode = failed ? 1 : 0;
