import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { ALBUM } from "./album";

/** Writes a page on which all pictures can be looked through, a state at a time. */
export default function bind(): void {
  if (!existsSync(ALBUM)) return;
  const files = readdirSync(ALBUM)
    .filter((name) => name.endsWith(".png"))
    .sort();
  const states = new Set(files.map((name) => name.split(".")[0]));
  const shown = [...states].map((state) => {
    const of = files.filter((name) => name.startsWith(`${state}.`));
    const figures = of.map((file) => `<figure><img src="${file}" loading="lazy" alt=""><figcaption>${file}</figcaption></figure>`);
    return `<h2>${state}</h2><div>${figures.join("")}</div>`;
  });
  const style =
    "div{display:flex;gap:1rem;overflow-x:auto}figure{margin:0}img{height:32rem;border:1px solid #999}body{font-family:sans-serif}";
  writeFileSync(
    `${ALBUM}/index.html`,
    `<!doctype html><meta charset="utf-8"><title>Odysseus</title><style>${style}</style>${shown.join("")}`,
  );
}
