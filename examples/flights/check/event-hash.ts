/**
 * What orders events of the same time: the first 64 bits of MurmurHash3_x86_128 of the event's id, its second 32-bit word
 * above the first. Written down a second time here, for ids of fewer than 16 ASCII characters, which have no whole block.
 *
 * @throws RangeError for a longer id.
 */
export function eventHash(id: string): bigint {
  if (id.length > 15) throw new RangeError(`an id of fewer than 16 characters is wanted, not ${id}`);
  const state = [0, 1, 2, 3].map((word) => tailWord(id, word) ^ id.length);
  const first = state.reduce((sum, word) => (sum + word) | 0, 0);
  const rest = state.slice(1).map((word) => finalMix(word + first));
  const low = rest.reduce((sum, word) => (sum + word) | 0, finalMix(first));
  const high = (rest[0]! + low) | 0;
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** For each word: what it is multiplied with, turned by, and multiplied with again. */
const WORDS = [
  { before: 0x239b961b, bits: 15, after: 0xab0e9789 },
  { before: 0xab0e9789, bits: 16, after: 0x38b34ae5 },
  { before: 0x38b34ae5, bits: 17, after: 0xa1e38b93 },
  { before: 0xa1e38b93, bits: 18, after: 0x239b961b },
] as const;

function tailWord(id: string, word: number): number {
  let value = 0;
  for (let byte = 3; byte >= 0; byte -= 1) value = (value << 8) | (id.charCodeAt(4 * word + byte) || 0);
  const { before, bits, after } = WORDS[word]!;
  const product = Math.imul(value, before);
  return Math.imul((product << bits) | (product >>> (32 - bits)), after);
}

function finalMix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
