import { ownBytes } from "../online/own-bytes.ts";
import type { StoreOperation } from "./durable/keep-store.ts";

/**
 * A buffer that keeps nothing else in memory. Node makes small buffers in slabs of 8 KiB, and one that is kept keeps its
 * whole slab: a table of small items took twelve times their size, and more with every update of one of them.
 */
export function ownBuffer(buffer: Buffer): Buffer {
  const own = ownBytes(buffer);
  return own === buffer ? buffer : Buffer.from(own.buffer);
}

/** Operations whose keys and values keep nothing else in memory. */
export function ownOperations(operations: readonly StoreOperation[]): readonly StoreOperation[] {
  return operations.map((operation) =>
    operation.type === "put"
      ? { ...operation, key: ownBuffer(operation.key), value: ownBuffer(operation.value) }
      : operation,
  );
}
