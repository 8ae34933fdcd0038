const BEGIN = Buffer.from('{"freshetHeartbeat":', "latin1");
const END = "}".charCodeAt(0);
const LONGEST_NUMBER = 17;

/**
 * A heartbeat's bytes: JSON text of one form, with the sender's time. The filters of an event source mapping, which read a
 * record's data as JSON, let it through by its one field.
 */
export function encodeHeartbeat(sentAtMs: number): Uint8Array {
  return Buffer.from(`{"freshetHeartbeat":${sentAtMs}}`, "latin1");
}

/** The sender's time of a heartbeat; null for any other record, one cut short, drawn out or put otherwise among them. */
export function decodeHeartbeat(data: Uint8Array): number | null {
  const end = data.length - 1;
  if (end <= BEGIN.length || end > BEGIN.length + LONGEST_NUMBER || data[end] !== END) return null;
  for (let i = 0; i < BEGIN.length; i++) if (data[i] !== BEGIN[i]) return null;
  const text = String.fromCharCode(...data.subarray(BEGIN.length, end));
  const sentAtMs = Number(text);
  return Number.isSafeInteger(sentAtMs) && String(sentAtMs) === text ? sentAtMs : null;
}
