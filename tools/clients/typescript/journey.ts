// How a journey checks what it got, what it tells, and how long it waits.

import assert from "node:assert/strict";

/** Of all accounts of the demonstration. */
export const PASSWORD = "odysseus-demo";

// In milliseconds: for something to happen that nobody is asked for.
const LONGEST = 30_000;

/** Fails unless both are the same. What is wanted has to be possible by the types, or it does not compile. */
export function same<Got, const Wanted extends Got>(got: Got, wanted: Wanted): asserts got is Wanted {
  assert.deepEqual(got, wanted);
}

/** Tells that a part of the journey went well. */
export function done(what: string): void {
  console.log(`ok      ${what}`);
}

/** The answer, or an error when it does not come. */
export async function within<Answer>(answer: Promise<Answer>, what: string): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come`)), LONGEST);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
