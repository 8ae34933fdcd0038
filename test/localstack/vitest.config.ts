import { defineConfig } from "vitest/config";

/** Deploys to a LocalStack-compatible endpoint: takes minutes, and asks PyPI and npm for the server the first time. */
export default defineConfig({
  test: {
    include: ["test/localstack/*.test.ts"],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    maxWorkers: 1,
  },
});
