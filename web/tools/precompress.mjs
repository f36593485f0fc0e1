// Writes a .br beside each file of dist/assets that gains by it, as small as brotli can make it: the router sends it to
// whoever takes brotli.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const ASSETS = new URL("../dist/assets/", import.meta.url).pathname;
const TEXT = /\.(js|css|svg)$/;
/** The playground's editor is megabytes, and takes half a minute to compress as small as possible. */
const LARGE = 400_000;

for (const name of readdirSync(ASSETS).filter((name) => TEXT.test(name))) {
  const text = readFileSync(join(ASSETS, name));
  const quality = text.length > LARGE ? 5 : constants.BROTLI_MAX_QUALITY;
  const small = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
  if (small.length < text.length * 0.9) writeFileSync(join(ASSETS, `${name}.br`), small);
}
