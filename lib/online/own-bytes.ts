/** Bytes that keep nothing else in memory: a copy where they are part of a larger buffer, which Node and SDKs pool. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
