import type { ShardContext } from "../engine/decode.ts";
import type { ControlShard } from "./control.ts";

/** A shard and those it came of: what is known of one before its first batch is folded. */
export interface ShardWithAncestors extends ShardContext {
  /** Writers of the shards that it was split or merged from, at any remove; those that hold no record any more may lack. */
  readonly ancestors: readonly string[];
  /** The same of each of them. @default each may have come of all others */
  readonly ancestorsOf?: ReadonlyMap<string, readonly string[]>;
}

/** The parents of a shard, or of one that it came of, as far as they are known. */
export function parentsOf(
  { writer, ancestors, ancestorsOf }: ShardWithAncestors,
  of: string = writer,
): readonly string[] {
  const all = of === writer ? ancestors : (ancestorsOf?.get(of) ?? []);
  return all.filter((each) => !all.some((other) => ancestorsOf?.get(other)?.includes(each)));
}

/** A listed shard with its ancestors. */
export function withAncestors(
  { writer, hashRange, parents }: ControlShard,
  listed: ReadonlyMap<string, ControlShard>,
): ShardWithAncestors {
  const ancestors = ancestorsFrom(parents, listed);
  const ancestorsOf = new Map(
    ancestors.map((each) => [each, ancestorsFrom(listed.get(each)?.parents ?? [], listed)]),
  );
  return { writer, hashRange, ancestors, ancestorsOf };
}

function ancestorsFrom(
  parents: readonly string[],
  listed: ReadonlyMap<string, ControlShard>,
): readonly string[] {
  const ancestors = new Set(parents);
  // A set hands on what is added to it on the way.
  for (const ancestor of ancestors) {
    for (const parent of listed.get(ancestor)?.parents ?? []) ancestors.add(parent);
  }
  return [...ancestors];
}
