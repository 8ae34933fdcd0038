import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A folder outside the repository, which knows the kit by its tarball alone. */
export interface StrangersFolder {
  readonly folder: string;
  /** Runs a program there; rejects with all that it printed. */
  run(program: string, ...parameters: string[]): Promise<string>;
  /** A folder within. */
  within(name: string): StrangersFolder;
  remove(): Promise<void>;
}

const execute = promisify(execFile);

/** An empty folder, with a fixture's files in it. */
export async function strangersFolder(fixture: string): Promise<StrangersFolder> {
  const folder = await mkdtemp(join(tmpdir(), "freshet-stranger-"));
  await cp(fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url)), folder, { recursive: true });
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ name: fixture, private: true, type: "module" }),
  );
  return inFolder(folder);
}

function inFolder(folder: string): StrangersFolder {
  return {
    folder,
    async run(program, ...parameters) {
      const { NODE_OPTIONS: _, VITEST: __, ...environment } = process.env;
      try {
        const { stdout } = await execute(program, parameters, {
          cwd: folder,
          // No lock file of definitions is written where CI is set.
          env: { ...environment, CI: "false", NO_COLOR: "1" },
          maxBuffer: 64 * 1024 * 1024,
        });
        return stdout;
      } catch (error) {
        const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
        throw new Error(`${message}\n${stdout}\n${stderr}`);
      }
    },
    within: (name) => inFolder(join(folder, name)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Installs as a user does, without asking for audits. */
export async function install({ run }: StrangersFolder, ...packages: readonly string[]): Promise<void> {
  const started = performance.now();
  await run("npm", "install", "--no-audit", "--no-fund", "--loglevel=error", ...packages);
  console.log(`installed in ${Math.round((performance.now() - started) / 1_000)} s`);
}
