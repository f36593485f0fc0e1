// Writes generated/graph/: operations.graphql as typed documents, and the types of the whole public schema.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { codegen } from "@graphql-codegen/core";
import { preset } from "@graphql-codegen/client-preset";
import * as typescript from "@graphql-codegen/typescript";
import { buildSchema, parse } from "graphql";

const OUT = "generated/graph/";
// Scalars are text in JSON; enums are unions of texts, which vanish from the program.
const CONFIG = { defaultScalarType: "string", enumsAsTypes: true, useTypeImports: true, importExtension: ".js" };

const sdl = readFileSync("../../schema.graphql", "utf8");
const operations = readFileSync("operations.graphql", "utf8");
const schema = parse(sdl);
const schemaAst = buildSchema(sdl);
const documents = [{ location: "operations.graphql", document: parse(operations), rawSDL: operations }];

const client = await preset.buildGeneratesSection({
  baseOutputDir: OUT,
  presetConfig: { fragmentMasking: false },
  schema,
  schemaAst,
  documents,
  config: { ...CONFIG, documentMode: "string" },
  plugins: [],
  pluginMap: {},
  pluginContext: {},
});
const whole = {
  filename: `${OUT}schema.ts`,
  schema,
  schemaAst,
  documents: [],
  config: CONFIG,
  plugins: [{ typescript: {} }],
  pluginMap: { typescript },
};
rmSync(OUT, { recursive: true, force: true });
for (const output of [...client, whole]) {
  mkdirSync(dirname(output.filename), { recursive: true });
  writeFileSync(output.filename, await codegen(output));
}
