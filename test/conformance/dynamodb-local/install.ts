import { spawnSync } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const DYNAMODB_LOCAL_VERSION = "3.3.1";
const JAVA_AT_LEAST = 17;

/** Where Maven puts it: never into the repository, for its licence forbids shipping it. */
const FOLDER = fileURLToPath(
  new URL(`../../../node_modules/.cache/dynamodb-local-${DYNAMODB_LOCAL_VERSION}`, import.meta.url),
);
const POM = fileURLToPath(new URL("pom.xml", import.meta.url));
const COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/**
 * Fetches DynamoDB Local from Maven Central, once, and answers the folder of its jars and libraries.
 *
 * @throws Error that says what is missing: Java 17, Maven, or what Maven could not fetch.
 */
export function installDynamoDbLocal(): string {
  requireJava();
  if (existsSync(FOLDER)) return FOLDER;
  const half = `${FOLDER}.half`;
  rmSync(half, { recursive: true, force: true });
  const fetched = spawnSync(
    "mvn",
    ["--batch-mode", "--quiet", "--file", POM, COPY, `-DoutputDirectory=${half}`, "-DincludeScope=runtime"],
    { encoding: "utf8" },
  );
  if (isMissing(fetched.error)) {
    throw new Error(
      "DynamoDB Local is fetched by Maven, and there is no mvn: install Maven (the package maven).",
    );
  }
  if (fetched.status !== 0) {
    throw new Error(
      `Maven could not fetch DynamoDB Local ${DYNAMODB_LOCAL_VERSION}:\n${fetched.stdout.slice(-4_000)}`,
    );
  }
  // A fetch that was broken off is none.
  renameSync(half, FOLDER);
  return FOLDER;
}

function requireJava(): void {
  const { error, stderr } = spawnSync("java", ["-version"], { encoding: "utf8" });
  const wanted = `DynamoDB Local ${DYNAMODB_LOCAL_VERSION} runs on Java ${JAVA_AT_LEAST} or later`;
  if (isMissing(error)) {
    throw new Error(
      `${wanted}, and there is no java: install one (such as the package openjdk-17-jre-headless).`,
    );
  }
  const major = Number(/version "(\d+)/.exec(stderr ?? "")?.[1] ?? 0);
  if (major < JAVA_AT_LEAST)
    throw new Error(`${wanted}; java -version says: ${(stderr ?? "").split("\n")[0]}`);
}

const isMissing = (error: Error | undefined): boolean =>
  (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
