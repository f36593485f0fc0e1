import { expect, test } from "vitest";
import { answer, isNumber, PasskeyError } from "./passkeys";

const failing = (name: string) => answer(() => Promise.reject(new DOMException("", name)));

test("passkeys belong to names, not to numbers", () => {
  expect(["127.0.0.1", "192.0.2.7", "[::1]"].every(isNumber)).toBe(true);
  expect(["localhost", "tickets.example.com", "4d.example"].some(isNumber)).toBe(false);
});

test("who gives up at the device is told nothing, and who has a passkey there already is told so", async () => {
  expect(await failing("NotAllowedError")).toBeNull();
  expect(await failing("AbortError")).toBeNull();
  await expect(failing("InvalidStateError")).rejects.toEqual(new PasskeyError("KNOWN_HERE"));
  await expect(failing("SecurityError")).rejects.toEqual(new PasskeyError("OTHER_NAME"));
  await expect(failing("NotReadableError")).rejects.toBeInstanceOf(DOMException);
});
