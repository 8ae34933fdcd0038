import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * The reference page's script, from an npm package: no third-party host is asked for it. `@scalar/api-reference` itself
 * has the same file among 300 MB of what it is built from; the package for Fastify has little beside it.
 */
export function readReferenceScript(): Promise<string> {
  const main = createRequire(import.meta.url).resolve("@scalar/fastify-api-reference");
  return readFile(join(dirname(main), "js", "standalone.js"), "utf8");
}
