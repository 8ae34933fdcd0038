import { pick, seededRandom } from "../../../examples/statistics/random.ts";
import type { Delivery, Fate, Payment } from "./payment.ts";

/** Makes payments without end: accounts, amounts, delays and faults are the seed's, times are the caller's. */
export interface PaymentSource {
  /** One payment of each account, in their order: at most so many, and none once every account has had its own. */
  first(count: number, nowMs: number): readonly Delivery[];
  /** Payments of few busy accounts and many others, some of them with faults. */
  next(count: number, nowMs: number): readonly Delivery[];
}

export const MERCHANTS = 50;

/** Parts of what is put. The other records count. */
const FAULTS: readonly (readonly [Fate, number])[] = [
  ["repeat", 0.01],
  ["late", 0.001],
  ["future", 0.000_5],
  ["garbled", 0.000_5],
];
/** A repeat is of one of the last so many payments: within what every view keeps ids of. */
const REPEATED_AMONG = 50;
const MOST_DELAY_MS = 20_000;
const HOUR_MS = 3_600_000;
const MOST_CENTS = 50_000;

export function createPayments(options: { readonly seed: number; readonly keys: number }): PaymentSource {
  const { seed, keys } = options;
  const random = seededRandom(seed);
  const below = (end: number): number => Math.floor(random() * end);
  const latest: Payment[] = [];
  let made = 0;
  let begun = 0;

  const make = (account: number, nowMs: number): Payment => {
    const payment = {
      id: `p${made}`,
      account: accountName(account),
      merchant: merchantName(below(MERCHANTS)),
      cents: 1 + below(MOST_CENTS),
      at: nowMs - below(MOST_DELAY_MS),
      arrivedAt: nowMs,
    };
    made += 1;
    return payment;
  };
  const remember = (payment: Payment): Payment => {
    latest[made % REPEATED_AMONG] = payment;
    return payment;
  };
  const fateOf = (drawn: number): Fate => {
    let end = 0;
    for (const [fate, part] of FAULTS) {
      end += part;
      if (drawn < end) return fate;
    }
    return "counts";
  };
  const deliver = (nowMs: number): Delivery => {
    const fate = fateOf(random());
    if (fate === "repeat" && latest.length === REPEATED_AMONG) return { fate, payment: pick(random, latest) };
    const payment = make(Math.floor(keys * random() ** 3), nowMs);
    switch (fate) {
      case "late":
        return { fate, payment: { ...payment, at: nowMs - HOUR_MS } };
      case "future":
        return { fate, payment: { ...payment, at: nowMs + HOUR_MS } };
      case "garbled":
        return { fate, payment };
      default:
        return { fate: "counts", payment: remember(payment) };
    }
  };

  return {
    first(count, nowMs) {
      const end = Math.min(keys, begun + count);
      const from = begun;
      begun = end;
      return Array.from({ length: end - from }, (_, i) => ({
        fate: "counts",
        payment: remember(make(from + i, nowMs)),
      }));
    },
    next: (count, nowMs) => Array.from({ length: count }, () => deliver(nowMs)),
  };
}

export const accountName = (index: number): string => `a${String(index).padStart(6, "0")}`;
export const merchantName = (index: number): string => `m${String(index).padStart(3, "0")}`;
