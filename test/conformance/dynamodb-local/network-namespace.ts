import { spawnSync } from "node:child_process";

const BRING_UP = "ip link set lo up";

/** What is run in front of a command so that its whole network is a loopback interface of its own. */
export type NamespacePrefix = readonly [command: string, ...parameters: string[]];

/** As a user whom the kernel lets have namespaces, or else as root. */
const PREFIXES: readonly NamespacePrefix[] = [
  ["unshare", "--map-root-user", "--net", "sh", "-c", `${BRING_UP} && exec "$@"`, "sh"],
  ["unshare", "--net", "sh", "-c", `${BRING_UP} && exec "$@"`, "sh"],
];

/** The first that works here, or null: no Linux, no unshare (util-linux) or ip (iproute2), or not allowed. */
export function findNetworkNamespace(): NamespacePrefix | null {
  const works = ([command, ...parameters]: NamespacePrefix) =>
    spawnSync(command, [...parameters, "true"], { stdio: "ignore" }).status === 0;
  return PREFIXES.find(works) ?? null;
}
