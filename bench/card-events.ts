import { randomSequence } from "./random.ts";

export interface CardEvent {
  readonly id: string;
  readonly card: string;
  readonly merchant: string;
  readonly category: string;
  readonly amount: number;
  readonly at: number;
  readonly note: string;
}

/**
 * Card payments as JSON of about 200 bytes: 25 a second of event time over `keys` cards, uniformly, one in a hundred up
 * to a minute late.
 */
export function* cardEvents(options: { count: number; keys: number; seed?: number }): Generator<CardEvent> {
  const random = randomSequence(options.seed ?? 1);
  const start = Date.UTC(2026, 0, 1);
  for (let index = 0; index < options.count; index++) {
    const late = random() < 0.01 ? Math.floor(random() * 60_000) : 0;
    yield {
      id: `e${String(index).padStart(11, "0")}`,
      card: `card-${String(Math.floor(random() * options.keys)).padStart(7, "0")}`,
      merchant: `merchant-${Math.floor(random() * 5_000)}`,
      category: "xyzw"[Math.floor(random() * 4)]!,
      amount: Math.round(random() * 50_000) / 100,
      at: start + index * 40 - late,
      note: "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    };
  }
}
