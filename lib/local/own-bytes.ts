import type { StoreOperation } from "./durable/keep-store.ts";

/**
 * Bytes that keep nothing else in memory. Node makes small buffers in slabs of 8 KiB, and one that is kept keeps its
 * whole slab: a table of small items took twelve times their size, and more with every update of one of them.
 */
export function ownBytes(bytes: Buffer): Buffer {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
}

/** Operations whose keys and values keep nothing else in memory. */
export function ownOperations(operations: readonly StoreOperation[]): readonly StoreOperation[] {
  return operations.map((operation) =>
    operation.type === "put"
      ? { ...operation, key: ownBytes(operation.key), value: ownBytes(operation.value) }
      : operation,
  );
}
