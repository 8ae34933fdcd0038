/** Writes docs/aggregations.md from the code: `npm run docs:aggregations`. A test fails when the file is another. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { aggregationsPage } from "./docs/aggregations-page.ts";

const path = fileURLToPath(new URL("../docs/aggregations.md", import.meta.url));
writeFileSync(path, aggregationsPage());
console.log("docs/aggregations.md is written");
