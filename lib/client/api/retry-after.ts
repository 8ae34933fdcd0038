/**
 * How long an answer asks to wait, in milliseconds: its Retry-After in seconds or as an HTTP date; null where it asks
 * for nothing.
 *
 * @param nowMs - epoch ms.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}
