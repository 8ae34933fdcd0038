/**
 * Writes the golden files of cases that have none yet: `npx tsx test/engine/golden/generate.ts`, by hand, once for a
 * new case. A file that exists is never written again: images of a released version are read for ever (R13).
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { foldCase, goldenCases } from "./cases.ts";

const folder = fileURLToPath(new URL("v1/", import.meta.url));
mkdirSync(folder, { recursive: true });
for (const each of goldenCases) {
  const path = `${folder}${each.name}`;
  if (existsSync(`${path}.image`)) continue;
  const { image, position } = foldCase(each);
  writeFileSync(`${path}.image`, image);
  writeFileSync(`${path}.position`, position);
  console.log(`${each.name}: ${image.length} bytes of image, ${position.length} of position`);
}
