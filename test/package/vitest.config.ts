import { defineConfig } from "vitest/config";

/** Installs the package as npm packs it into empty folders: asks the registry, and takes minutes. */
export default defineConfig({
  test: {
    include: ["test/package/*.test.ts"],
    globalSetup: "test/package/pack.ts",
    testTimeout: 900_000,
    hookTimeout: 900_000,
    maxWorkers: 1,
  },
});
