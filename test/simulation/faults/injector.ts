import { createRandom } from "../random.ts";
import { type FaultName, faults } from "./registry.ts";

export interface FaultsOfWorld {
  readonly seed: number;
  /** How likely each fault is where it could happen; those that are not named never happen. */
  readonly rates: Readonly<Partial<Record<FaultName, number>>>;
  /** Only these happen, by {@link firingId}: the schedule of a world that is being shrunk. */
  readonly only?: ReadonlySet<string>;
}

/** One occurrence of a fault, as a schedule names it. */
export const firingId = (name: FaultName, where: string): string => `${name}@${where}`;

/**
 * Decides where faults happen. Each place draws by itself, so that a schedule without one of them has the others where
 * they were.
 */
export class FaultInjector {
  /** Those drawn, in their order. */
  readonly fired: string[] = [];
  /** How often each happened. */
  readonly counts = new Map<FaultName, number>();
  /** From now on nothing fails: the world comes to its end. */
  isCalm = false;

  constructor(private readonly options: FaultsOfWorld) {}

  isEnabled(name: FaultName): boolean {
    return this.options.rates[name] !== undefined;
  }

  rate(name: FaultName): number {
    return this.options.rates[name] ?? 0;
  }

  /** Whether the fault happens at this place, which is asked about once. */
  fires(name: FaultName, where: string): boolean {
    const rate = this.options.rates[name];
    if (rate === undefined || this.isCalm) return false;
    const { only, seed } = this.options;
    const id = firingId(name, where);
    const fires = only === undefined ? createRandom(seed, id).chance(rate) : only.has(id);
    if (fires) this.fired.push(id);
    if (fires && faults.get(name)!.isCountedWhenSeen !== true) this.saw(name);
    return fires;
  }

  /** Counts what was seen to happen, where a world has that fault. */
  saw(name: FaultName): void {
    if (this.isEnabled(name)) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** Counts what is seen to happen without being drawn here: faults of the data, and of deployments. */
  note(name: FaultName, id: string): void {
    this.fired.push(id);
    this.saw(name);
  }
}
