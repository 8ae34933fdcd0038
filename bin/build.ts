/**
 * Builds what `npm pack` ships into dist/lib, dist/bin and dist/functions: JavaScript with types, in the folders of the
 * sources. In the repository everything runs from the sources; nothing here reads what this writes.
 */
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const DIST = join(ROOT, "dist");
const FOLDERS = ["bin", "functions", "lib"];
const DASHBOARD = "lib/local/dashboard";

for (const folder of FOLDERS) rmSync(join(DIST, folder), { recursive: true, force: true });

const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const { status } = spawnSync(process.execPath, [compiler, "--project", "tsconfig.build.json"], {
  cwd: ROOT,
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);

// Declarations keep the sources' extension, which not every compiler takes.
for (const folder of FOLDERS.map((name) => join(DIST, name))) {
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".d.ts")) continue;
    const path = join(folder, file);
    writeFileSync(path, readFileSync(path, "utf8").replace(/((?:from|import\()\s*"\.[^"]*)\.ts"/g, '$1.js"'));
  }
}

await build({
  entryPoints: [join(ROOT, DASHBOARD, "client/main.ts")],
  outfile: join(DIST, DASHBOARD, "client/main.js"),
  bundle: true,
  format: "iife",
  platform: "browser",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
});
cpSync(join(ROOT, "bin/init/template"), join(DIST, "bin/init/template"), { recursive: true });
cpSync(join(ROOT, DASHBOARD, "styles"), join(DIST, DASHBOARD, "styles"), { recursive: true });
