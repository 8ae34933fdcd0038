import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The packed tarball. */
    tarball: string;
  }
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Packs the package once, for all tests. */
export default async function pack({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "freshet-pack-"));
  const { stdout } = await promisify(execFile)("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: ROOT,
  });
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf("["))) as [{ readonly filename: string }];
  provide("tarball", join(folder, packed.filename));
  return () => rm(folder, { recursive: true });
}
