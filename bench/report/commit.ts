import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The commit that was measured. */
export interface Commit {
  /** Null outside a Git repository. */
  readonly hash: string | null;
  /** Whether code that is measured, or measures, differed from it. */
  readonly changed: boolean;
}

export function currentCommit(): Commit {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const hash = git("rev-parse", "--short=12", "HEAD");
    return { hash, changed: git("status", "--porcelain", "--", "lib", "functions", "bench") !== "" };
  } catch {
    return { hash: null, changed: false };
  }
}

export function commitText({ hash, changed }: Commit): string {
  return hash === null ? "no commit" : `commit ${hash}${changed ? " with changes" : ""}`;
}
