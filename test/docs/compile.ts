import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./code-blocks.ts";

/** A folder inside the package, so that "freshet-kit" is this package. The caller removes it. */
export async function createFolderInPackage(): Promise<{ folder: string; remove(): Promise<void> }> {
  const cache = join(ROOT, "node_modules", ".cache");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "docs-"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Type-checks files of a folder inside the package; rejects with what the compiler says as `stdout`. */
export async function compile(folder: string, ...files: string[]): Promise<void> {
  const config = join(folder, "tsconfig.json");
  await writeFile(config, JSON.stringify({ extends: join(ROOT, "tsconfig.json"), include: [], files }));
  await promisify(execFile)(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", config]);
}
