import { defineConfig } from "vitest/config";

/** `npm run test:dynamodb-local`: run.ts says where it may run. */
export default defineConfig({
  test: {
    include: ["test/conformance/dynamodb-local/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    maxWorkers: 1,
  },
});
