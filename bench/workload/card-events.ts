import { type KeyDistribution, keyDraw } from "./key-distribution.ts";
import { randomSequence } from "./random.ts";

/** An event of a stream as its producer wrote it. */
export interface WrittenEvent {
  /** JSON. */
  readonly text: string;
  readonly card: string;
  /** When the stream took it, epoch ms. */
  readonly arrivalMs: number;
}

export interface CardEventsOptions {
  readonly count: number;
  readonly keys: number;
  readonly distribution: KeyDistribution;
  /** Event time from one event to the next. @default 40 */
  readonly stepMs?: number;
  /** @default 1 */
  readonly seed?: number;
}

export const FIRST_EVENT_MS = Date.UTC(2026, 0, 1);

const CATEGORIES = [
  ...["grocery", "fuel", "travel", "online", "dining", "health"],
  ...["gaming", "luxury", "cash", "transit", "utility", "x"],
] as const;
const CHANNELS = ["pos", "web", "app"] as const;
const MERCHANTS = 5_000;
const LATE_SHARE = 0.01;

/**
 * Card payments as JSON of about 204 bytes: log-normal amounts, some merchants much busier than others, one event in a
 * hundred up to a minute late.
 */
export function* cardEvents(options: CardEventsOptions): Generator<WrittenEvent> {
  const { count, keys, distribution, stepMs = 40, seed = 1 } = options;
  const random = randomSequence(seed);
  const nextKey = keyDraw(keys, distribution, random);
  for (let index = 0; index < count; index++) {
    const stepStartMs = FIRST_EVENT_MS + index * stepMs;
    const late = random() < LATE_SHARE ? 1_000 + Math.floor(random() * 59_000) : 0;
    const at = stepStartMs + Math.floor(random() * stepMs) - late;
    const card = `card_${String(nextKey()).padStart(6, "0")}`;
    const merchant = String(Math.floor(random() ** 2 * MERCHANTS)).padStart(5, "0");
    const device = hex(random);
    yield {
      card,
      arrivalMs: stepStartMs + stepMs,
      text: `{"id":"ev-${hex(random)}${device}","card":"${card}","amount":${amount(random)},"merchant":"mrc_${merchant}","category":"${pick(CATEGORIES, random)}","at":${at},"currency":"EUR","channel":"${pick(CHANNELS, random)}","country":"DE","device":"dev-${device}","v":1}`,
    };
  }
}

/** Log-normal, written with two decimals as producers do: `12.50`. */
function amount(random: () => number): string {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.exp(3.2 + normal).toFixed(2);
}

function hex(random: () => number): string {
  return Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");
}

function pick<T>(choices: readonly T[], random: () => number): T {
  return choices[Math.floor(random() * choices.length)]!;
}
