import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const LIB = fileURLToPath(new URL("lib", import.meta.url));

export default defineConfig({
  resolve: {
    // As tsconfig.json has it: the kit by its name is its source.
    alias: [
      { find: /^freshet-kit$/, replacement: `${LIB}/index.ts` },
      { find: /^freshet-kit\/(client|constructs|local|serve|testing)$/, replacement: `${LIB}/$1/index.ts` },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    // Each has a command of its own: `npm run test:package`, `test:localstack`, `test:dynamodb-local`.
    exclude: [
      "test/package/**",
      "test/localstack/**",
      "test/conformance/dynamodb-local/**",
      "**/node_modules/**",
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    typecheck: { enabled: true, include: ["test/**/*.test-d.ts"], tsconfig: "tsconfig.json" },
  },
});
