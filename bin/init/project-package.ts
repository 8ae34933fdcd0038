import { createRequire } from "node:module";

interface KitPackage {
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** What a project needs beside the kit, at the versions that the kit itself is tested with. */
const DEVELOPED_WITH = ["@types/node", "aws-cdk", "tsx", "typescript", "vitest"] as const;

/** The package.json of a new project. */
export function projectPackage(name: string): object {
  const kit = createRequire(import.meta.url)("freshet-kit/package.json") as KitPackage;
  const range = (dependency: string) =>
    kit.peerDependencies[dependency] ?? `^${kit.devDependencies[dependency]!}`;
  const dependencies = (names: readonly string[]) =>
    Object.fromEntries(names.map((dependency) => [dependency, range(dependency)]));
  return {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: {
      start: "tsx start.ts",
      test: "vitest run",
      typecheck: "tsc --noEmit",
    },
    dependencies: { "freshet-kit": `^${kit.version}`, ...dependencies(["zod"]) },
    devDependencies: {
      ...dependencies([...DEVELOPED_WITH, "aws-cdk-lib", "constructs"].sort()),
      // The accidental 3.0.0 is tagged latest, so that a range without an upper bound would not do.
      "aws-cdk": kit.devDependencies["aws-cdk"]!,
    },
  };
}
