import { expect, test } from "./visitor";

test.skip(({ isMobile }) => isMobile, "programs that show links have no screen");

test("a shared link shows what the event is to programs that run no scripts, in the reader's language", async ({ request }) => {
  const link = "/events/ghost-light";
  const shown = async (language: string) =>
    (await request.get(link, { headers: { accept: "text/html", "accept-language": language } })).text();
  await expect.poll(() => shown("en-GB")).toContain('property="og:title" content="Ghost Light"');
  const english = await shown("en-GB");
  expect(english).toContain("<title>Ghost Light – Odysseus</title>");
  expect(english).toMatch(/name="description" content="\d{1,2} \w+ \d{4}, 19:30 · [^"]*London · /);
  expect(english).toMatch(/rel="canonical" href="http[^"]*\/events\/ghost-light"/);
  const german = await shown("de-AT,de;q=0.9");
  expect(german).toContain('<html lang="de">');
  expect(german).toContain("19:30 Uhr · ");

  const pictured = await request.get("/events/halcyon-drift-the-long-way-round", { headers: { accept: "text/html" } });
  const [, picture = ""] = (await pictured.text()).match(/property="og:image" content="([^"]+)"/) ?? [];
  const answer = await request.get(picture.replace(/^https?:\/\/[^/]+/, ""));
  expect(answer.headers()["content-type"]).toBe("image/jpeg");
  expect(await (await request.get("/events/no-such-event", { headers: { accept: "text/html" } })).text()).toContain("noindex");
});
