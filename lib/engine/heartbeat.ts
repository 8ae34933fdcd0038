import { ByteReader } from "./codec/byte-reader.ts";
import { ByteWriter } from "./codec/byte-writer.ts";

/** No JSON text and no UTF-8 text starts so. */
const MAGIC = [0xfe, 0x46, 0x48, 0x42, 0x01] as const;

const LONGEST_VARINT_BYTES = 8;

/** A heartbeat's bytes: magic, version, and the sender's time. */
export function encodeHeartbeat(sentAtMs: number): Uint8Array {
  const writer = new ByteWriter(16);
  for (const byte of MAGIC) writer.byte(byte);
  writer.signedVarint(sentAtMs);
  return writer.toBytes();
}

/** The sender's time of a heartbeat; null for any other record, one cut short or drawn out among them. */
export function decodeHeartbeat(data: Uint8Array): number | null {
  if (data[0] !== MAGIC[0] || data.length < MAGIC.length + 1) return null;
  for (let i = 1; i < MAGIC.length; i++) if (data[i] !== MAGIC[i]) return null;
  const last = data.length - 1;
  if (last >= MAGIC.length + LONGEST_VARINT_BYTES) return null;
  for (let i = MAGIC.length; i < data.length; i++) if (data[i]! < 128 !== (i === last)) return null;
  const sentAtMs = new ByteReader(data, MAGIC.length).signedVarint();
  return Number.isSafeInteger(sentAtMs) ? sentAtMs : null;
}
