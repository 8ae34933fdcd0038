import { parseDuration } from "../../define/duration.ts";
import { FreshetError } from "../../define/error.ts";
import { requireKnownOptions } from "../../define/require-known-options.ts";
import type { Clock } from "../../engine/ports/clock.ts";
import { FAULT_FIELDS, type Fault, type FaultKind, faultKinds } from "./fault.ts";

/** What was injected and has not happened yet, first come first served. */
export class FaultInjector {
  private readonly pending: Fault[] = [];
  private outageEndsMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly clock: Clock) {}

  /** @throws FreshetError `OPTION_INVALID` for what is no fault. */
  inject(fault: Fault): void {
    if (!faultKinds.includes(fault.kind)) {
      throw new FreshetError(
        "OPTION_INVALID",
        `there is no fault ${JSON.stringify(fault.kind)}; there are ${faultKinds.join(", ")}.`,
      );
    }
    requireKnownOptions(`fault ${fault.kind}`, fault, FAULT_FIELDS[fault.kind]);
    switch (fault.kind) {
      case "table-outage":
        this.outageEndsMs = this.clock.now() + parseDuration(fault.for, "fault table-outage, for");
        return;
      case "throttle":
        this.repeat(fault, "calls", fault.calls);
        return;
      case "failed-object":
        this.repeat(fault, "puts", fault.puts);
        return;
      default:
        this.pending.push(fault);
    }
  }

  /** The next fault of a kind, which happens now; null when there is none. */
  take<Kind extends FaultKind>(kind: Kind): Extract<Fault, { kind: Kind }> | null {
    const place = this.pending.findIndex((fault) => fault.kind === kind);
    if (place === -1) return null;
    const [fault] = this.pending.splice(place, 1);
    return fault as Extract<Fault, { kind: Kind }>;
  }

  get isTableOut(): boolean {
    return this.clock.now() < this.outageEndsMs;
  }

  /** What has not happened yet. */
  get waiting(): readonly Fault[] {
    return [...this.pending];
  }

  private repeat(fault: Fault, field: string, times = 1): void {
    if (!Number.isInteger(times) || times < 1) {
      throw new FreshetError(
        "OPTION_INVALID",
        `fault ${fault.kind}, ${field} is ${times}; it is a whole number from 1 on.`,
      );
    }
    for (let i = 0; i < times; i++) this.pending.push(fault);
  }
}
