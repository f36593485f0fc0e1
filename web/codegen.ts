import type { CodegenConfig } from "@graphql-codegen/cli";

// The types of what the storefront asks, from the graph as clients have it: a change of the graph that breaks the
// storefront breaks its build.
export default {
  schema: "../schema.graphql",
  documents: ["app/**/*.graphql"],
  generates: {
    "app/graph/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string",
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: { CountryCode: "string", CurrencyCode: "string", DateTime: "string", Decimal: "string", URL: "string" },
      },
    },
  },
} satisfies CodegenConfig;
