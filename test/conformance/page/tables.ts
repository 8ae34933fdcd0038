import type { Check, Deviations } from "../check.ts";

/** A server's column. */
export interface Column {
  readonly heading: string;
  /** The names that its deviations are declared under. */
  readonly servers: readonly string[];
}

/** A row a check: what AWS documents where, and whether each server does so. */
export function checksTable(options: {
  readonly heading: string;
  readonly checks: readonly Check<never>[];
  readonly columns: readonly Column[];
  readonly deviations: Readonly<Record<string, Deviations>>;
}): string {
  const { heading, checks, columns, deviations } = options;
  const rows = checks.map(({ title, documented }) => [
    title,
    `[${documented.name}](${documented.url})`,
    ...columns.map(({ servers }) => {
      const reasons = servers.flatMap((server) => deviations[server]?.[title]?.because ?? []);
      return reasons.length === 0 ? "yes" : `**no:** ${[...new Set(reasons)].join("; ")}`;
    }),
  ]);
  const counts = columns.map(({ servers }) => {
    const differing = new Set(servers.flatMap((server) => Object.keys(deviations[server] ?? {})));
    return `${checks.length - differing.size} of ${checks.length}`;
  });
  return [
    [heading, "AWS's page", ...columns.map((column) => column.heading)],
    Array.from({ length: columns.length + 2 }, () => "---"),
    ...rows,
    ["as AWS documents", "", ...counts],
  ]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
