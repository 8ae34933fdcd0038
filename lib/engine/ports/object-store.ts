/** Where whole objects live: S3, a folder, or memory. Keys are `/`-separated paths. */
export interface ObjectStore {
  /** Stores an object whole, replacing one of the same key. Resolves once it is durable. */
  put(key: string, body: Uint8Array): Promise<void>;
  /** The object's bytes, or undefined when there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** All keys that start with `prefix`, in ascending order. */
  list(prefix: string): Promise<readonly string[]>;
}
