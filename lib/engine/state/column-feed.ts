import type { ColumnInput, ColumnKind } from "../aggregations/column-kind.ts";
import { compileValue, compileWhere, type Row } from "../expression.ts";
import type { ViewPlan } from "../plan.ts";
import type { SourceEvent } from "../record.ts";

/** The columns that an event enters at one level. */
export interface LevelEntry {
  readonly level: number;
  readonly columns: readonly number[];
}

interface Feeder {
  readonly kind: ColumnKind;
  readonly matches: ((row: Row) => boolean) | null;
  readonly value: ((row: Row) => string | number | boolean | null) | null;
}

const input: ColumnInput = { value: 0, eventTimeMs: 0, identityHigh: 0, identityLow: 0 };

/** Filters and values of a view's columns, compiled, and where each column stands in the rows of each level. */
export class ColumnFeed {
  readonly entries: readonly LevelEntry[];
  private readonly feeders: readonly Feeder[];
  /** `slots[level][column]`: the column's place in the level's rows, or -1. */
  private readonly slots: readonly (readonly number[])[];
  private readonly agingLevels: readonly boolean[];

  constructor(plan: ViewPlan) {
    this.feeders = plan.columns.map(({ kind, value, where }) => ({
      kind,
      matches: where === null ? null : compileWhere(where),
      value: value === null ? null : compileValue(value, kind.accepts),
    }));
    this.slots = plan.levels.map((level) => plan.columns.map((_, column) => level.columns.indexOf(column)));
    this.entries = plan.levels.flatMap((_, level) => {
      const columns = plan.columns.flatMap((column, index) => (column.levels[0] === level ? [index] : []));
      return columns.length === 0 ? [] : [{ level, columns }];
    });
    this.agingLevels = plan.levels.map((level, index) =>
      level.columns.some((column) => plan.columns[column]!.levels.some((other) => other > index)),
    );
  }

  slotOf(level: number, column: number): number {
    return this.slots[level]![column]!;
  }

  /** Whether a row that leaves this level has a coarser one to go to. */
  agesOut(level: number): boolean {
    return this.agingLevels[level]!;
  }

  addAll(entry: LevelEntry, cells: unknown[], event: SourceEvent): void {
    const slots = this.slots[entry.level]!;
    for (const column of entry.columns) this.addOne(column, cells, slots[column]!, event);
  }

  addOne(column: number, cells: unknown[], slot: number, event: SourceEvent): void {
    const { kind, matches, value } = this.feeders[column]!;
    if (matches !== null && !matches(event.row)) return;
    if (value !== null) {
      const taken = value(event.row);
      if (taken === null) return;
      input.value = taken;
    }
    input.eventTimeMs = event.eventTimeMs;
    input.identityHigh = event.identityHigh;
    input.identityLow = event.identityLow;
    cells[slot] = kind.add(cells[slot], input);
  }
}
