import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { FreshetError } from "../define/error.ts";
import type { DeploymentDescription } from "./deployment-description.ts";
import { KIT_IS_TYPESCRIPT, kitModule } from "./kit-modules.ts";
import { requireDefinitionsFile } from "./require-definitions-file.ts";

/** A module of definitions that was checked, and what it holds. */
export interface DescribedModule extends DeploymentDescription {
  /** Absolute. */
  readonly file: string;
}

/** Of this process: constructs ask several times for one module. */
const described = new Map<string, DescribedModule>();

/**
 * Loads and checks a module of definitions, synchronously: a program of the kit's does it in a process of its own, as
 * `freshet check` would, and this one waits.
 *
 * @param file - path (against the working folder) or file URL.
 * @throws FreshetError `DEFINITIONS_NOT_FOUND`; `DEFINITION_INVALID` with everything that is wrong;
 *   `DEFINITIONS_NOT_LOADABLE` when the program could not be run.
 */
export function describeDeployment(file: string | URL): DescribedModule {
  const path = resolve(typeof file === "string" ? file : fileURLToPath(file));
  const stats = requireDefinitionsFile(path);
  const key = `${path} ${stats.size} ${stats.mtimeMs}`;
  let module = described.get(key);
  if (module === undefined) {
    module = { ...run(path), file: path };
    described.set(key, module);
  }
  const errors = module.problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    throw new FreshetError(
      "DEFINITION_INVALID",
      `${path} cannot be deployed:\n${errors.map(({ text }) => text).join("\n")}`,
    );
  }
  return module;
}

function run(path: string): DeploymentDescription {
  const tsx = () => ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href];
  // What the definitions print goes to standard error: an app's standard output may be piped.
  const { output, status, signal, error } = spawnSync(
    process.execPath,
    [...(KIT_IS_TYPESCRIPT ? tsx() : []), kitModule("bin/describe-deployment"), path],
    { stdio: ["ignore", 2, "pipe", "pipe"], encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  const failure = output?.[2] ?? "";
  const result = output?.[3] ?? "";
  if (error !== undefined || status !== 0) {
    const how = signal === null ? `ended with ${status}` : `was ended by ${signal}`;
    throw new FreshetError(
      "DEFINITIONS_NOT_LOADABLE",
      `${path}: the program that checks definitions ${error?.message ?? how}: ${failure.trim()}`,
      { cause: error },
    );
  }
  return JSON.parse(result) as DeploymentDescription;
}
