import { mixSeed, pick, seededRandom } from "../../statistics/random.ts";
import { SECOND_MS, type TimeRange } from "../times.ts";
import type { Delivery } from "./click.ts";
import { clickTimes, type User } from "./user.ts";

const PAGES = ["/", "/search", "/basket", "/item/1", "/item/2", "/item/3", "/help"] as const;

/** On the network; a crawler's connection is steady. */
const NETWORK_MS = { least: 20, most: 200 };
const CRAWLER_NETWORK_MS = 50;
/** A phone without signal holds a click back. */
const HELD_BACK = 0.05;
const HELD_BACK_MS = { least: SECOND_MS, most: 35 * SECOND_MS };
/** A collector that got no answer sends a click once more. */
const REPEATED = 0.02;
const REPEATED_AFTER_MS = { least: 200, most: 5 * SECOND_MS };

/**
 * The clicks of a range in the order in which they come in: some late, and so out of order, some twice. The same for the
 * same seed. The last come in after the range, within its grace.
 */
export function deliveriesOf(users: readonly User[], range: TimeRange, seed: number): readonly Delivery[] {
  return users.flatMap((user) => deliveriesOfUser(user, range, seed)).sort(byArrival);
}

/** In the order in which they come in. */
export function byArrival(left: Delivery, right: Delivery): number {
  return left.arrivedMs - right.arrivedMs || (left.click.id < right.click.id ? -1 : 1);
}

function deliveriesOfUser(user: User, range: TimeRange, seed: number): readonly Delivery[] {
  const random = seededRandom(mixSeed(mixSeed(seed, user.index), range.fromMs / SECOND_MS));
  const within = ({ least, most }: { readonly least: number; readonly most: number }): number =>
    Math.floor(least + random() * (most - least));
  return clickTimes(user, range, random).flatMap((timeMs, index) => {
    const isHeldBack = user.kind === "reader" && random() < HELD_BACK;
    const networkMs = user.kind === "crawler" ? CRAWLER_NETWORK_MS : within(NETWORK_MS);
    const arrivedMs = timeMs + networkMs + (isHeldBack ? within(HELD_BACK_MS) : 0);
    const click = {
      id: `${user.name}-${range.fromMs / SECOND_MS}-${index}`,
      user: user.name,
      page: pick(random, PAGES),
      at: new Date(timeMs).toISOString(),
    };
    const arrive = (atMs: number, isRepeat: boolean): Delivery => ({
      arrivedMs: atMs,
      click: { ...click, arrivedAt: new Date(atMs).toISOString() },
      isRepeat,
    });
    const first = arrive(arrivedMs, false);
    return random() < REPEATED ? [first, arrive(arrivedMs + within(REPEATED_AFTER_MS), true)] : [first];
  });
}
