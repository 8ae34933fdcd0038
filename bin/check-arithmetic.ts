/**
 * Checks that the engine computes with operations that every runtime and processor rounds alike (R8): `+ - * /`, square
 * root and whole-number operations. `Math.exp`, `Math.log`, `Math.pow`, `**` and the like differ, and state must not.
 * Exits 1 and names each use of another.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ALLOWED = new Set([
  "LN2",
  "abs",
  "ceil",
  "clz32",
  "floor",
  "imul",
  "max",
  "min",
  "round",
  "sign",
  "sqrt",
  "trunc",
]);
const MEMBER = /\bMath(?:\.(\w+)|\s*\[)/g;
const DESTRUCTURED = /\}\s*=\s*Math\b/;
const POWER = /[\w)\]]\s*\*\*=?\s*[\w(]/;

const folder = fileURLToPath(new URL("../lib/engine/", import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".ts"),
);
const faults: string[] = [];
let used = 0;
for (const file of files) {
  const lines = readFileSync(`${folder}${file}`, "utf8").split("\n");
  lines.forEach((line, index) => {
    const code = line.replace(/^\s*(?:\/\/|\/?\*).*$/, "");
    for (const [, member] of code.matchAll(MEMBER)) {
      used++;
      if (member === undefined || !ALLOWED.has(member))
        faults.push(`lib/engine/${file}:${index + 1} ${line.trim()}`);
    }
    if (POWER.test(code) || DESTRUCTURED.test(code))
      faults.push(`lib/engine/${file}:${index + 1} ${line.trim()}`);
  });
}
if (used === 0) faults.push("no use of Math was found: the check itself is broken");
for (const fault of faults) console.error(`not allowed: ${fault}`);
console.log(
  `${used} uses of Math in ${files.length} files of the engine checked, ${faults.length} not allowed`,
);
process.exit(faults.length === 0 ? 0 : 1);
