/** Writes docs/conformance.md: `npm run docs:conformance`. A test fails when the file is another. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { conformancePage } from "./conformance-page.ts";

const path = fileURLToPath(new URL("../../../docs/conformance.md", import.meta.url));
writeFileSync(path, conformancePage());
console.log("docs/conformance.md is written");
