/** `npm run bench -- NAME [options]`: runs one benchmark program of this folder. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("./", import.meta.url));
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".bench.ts"))
  .map((file) => file.slice(0, -".bench.ts".length));

const [name] = process.argv.slice(2);
if (name === undefined || name === "--help" || !names.includes(name)) {
  const wanted =
    name === undefined || name === "--help" ? "" : `There is no benchmark ${JSON.stringify(name)}. `;
  console.log(`${wanted}Usage: npm run bench -- NAME [--json], NAME one of: ${names.join(", ")}`);
  process.exit(name === "--help" ? 0 : 2);
}
process.argv.splice(2, 1);
await import(new URL(`${name}.bench.ts`, import.meta.url).href);
