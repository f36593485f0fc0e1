/** The numbers that a poster is drawn from: the same for the same name, and never all alike. */

export type PosterShapes = {
  pattern: "rings" | "waves" | "columns" | "sun" | "steps";
  /** 0 to 1 each. */
  dice: number[];
};

const PATTERNS: PosterShapes["pattern"][] = ["rings", "waves", "columns", "sun", "steps"];

export function shapesOf(name: string): PosterShapes {
  const next = random(name);
  const pattern = PATTERNS[Math.floor(next() * PATTERNS.length)] ?? "rings";
  return { pattern, dice: Array.from({ length: 8 }, next) };
}

/** Mulberry32, from a hash of the name. */
function random(name: string): () => number {
  let state = 2166136261;
  for (const letter of name) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
