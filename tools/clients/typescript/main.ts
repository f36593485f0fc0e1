// node main.js <the platform's address>: buys over the graph, then reads what was bought over REST.

import { read } from "../rest/reader.js";
import { buy } from "./buyer.js";

const url = process.argv[2] ?? "http://127.0.0.1:4000";
console.log("── TypeScript, by graphql-codegen");
const bought = await buy(url);
console.log("── REST, by openapi-typescript");
await read(url, bought);
