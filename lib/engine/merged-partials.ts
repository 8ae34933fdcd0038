import { type Arithmetic, decodeNumber, mergeNumbers, OBJECT, zeroOf } from "./aggregations/arithmetic.ts";
import type { ColumnKind } from "./aggregations/column-kind.ts";
import type { ByteReader } from "./codec/byte-reader.ts";
import type { Level, ViewPlan } from "./plan.ts";

/** A merged partial that an answer needs: one column over one window. */
export interface Slot {
  readonly column: number;
  readonly window: number;
}

/** A column of a level, and the slots that its partials may go to. */
interface ColumnSlots {
  readonly kind: ColumnKind;
  readonly arithmetic: Arithmetic | typeof OBJECT;
  readonly slots: readonly number[];
  /** `windows[i]` is that of `slots[i]`. */
  readonly windows: readonly number[];
  /** The slots of the windows that take the row at hand: the first `count` of these. */
  readonly taking: Int32Array;
  count: number;
}

/** Tile starts that a window takes: from `startMs`, before `endMs` (R4). */
export interface TileRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** How the rows of one level are merged: which windows take a row changes seldom from one to the next. */
export class LevelFeed {
  /** Columns in the order in which a row holds them. */
  readonly columns: readonly ColumnSlots[];
  private readonly lifetime: boolean;
  private readonly taken: Uint8Array;
  private takenCount = 0;

  constructor(
    plan: ViewPlan,
    level: Level,
    {
      slots,
      slotsOfColumn,
    }: { readonly slots: readonly Slot[]; readonly slotsOfColumn: readonly number[][] },
  ) {
    this.lifetime = level.hopMs === null;
    this.taken = new Uint8Array(1 + Math.max(-1, ...slots.map(({ window }) => window)));
    this.columns = level.columns.map((column): ColumnSlots => {
      const { kind } = plan.columns[column]!;
      const own = slotsOfColumn[column]!;
      return {
        kind,
        arithmetic: kind.arithmetic ?? OBJECT,
        slots: own,
        windows: own.map((slot) => slots[slot]!.window),
        taking: new Int32Array(own.length),
        count: 0,
      };
    });
  }

  /** Moves on to a tile; false where no window takes it, so that its row need not be decoded. */
  moveTo(startMs: number, ranges: readonly TileRange[]): boolean {
    const { taken, lifetime } = this;
    let changed = false;
    for (let window = 0; window < taken.length; window++) {
      const range = ranges[window]!;
      const takes = lifetime
        ? range.startMs === Number.NEGATIVE_INFINITY
        : startMs >= range.startMs && startMs < range.endMs;
      const flag = takes ? 1 : 0;
      if (taken[window] === flag) continue;
      taken[window] = flag;
      this.takenCount += takes ? 1 : -1;
      changed = true;
    }
    if (changed) this.findTaking();
    return this.takenCount > 0;
  }

  private findTaking(): void {
    for (const column of this.columns) {
      const { slots, windows, taking } = column;
      column.count = 0;
      for (let i = 0; i < slots.length; i++) {
        if (this.taken[windows[i]!] === 1) taking[column.count++] = slots[i]!;
      }
    }
  }
}

/**
 * The merged partial of each slot, as rows are merged into them one by one. Single numbers stand in an array of doubles,
 * as in the rows themselves, and are merged without a call of their kind.
 */
export class MergedPartials {
  private readonly zeros: Float64Array;
  private readonly numbers: Float64Array;
  private readonly objects: unknown[];

  /** @param kinds - `kinds[slot]` is that of the slot's column */
  constructor(private readonly kinds: readonly ColumnKind[]) {
    this.zeros = Float64Array.from(kinds, ({ arithmetic }) =>
      arithmetic === undefined ? 0 : zeroOf(arithmetic),
    );
    this.numbers = new Float64Array(kinds.length);
    this.objects = kinds.map(() => null);
  }

  /** Back to empty windows. */
  clear(): void {
    const { kinds, numbers, objects, zeros } = this;
    numbers.set(zeros);
    for (let slot = 0; slot < kinds.length; slot++) {
      const kind = kinds[slot]!;
      if (kind.arithmetic === undefined) objects[slot] = kind.zero();
    }
  }

  partial(slot: number): unknown {
    return this.kinds[slot]!.arithmetic === undefined ? this.objects[slot] : this.numbers[slot];
  }

  merge(slot: number, partial: unknown): void {
    const kind = this.kinds[slot]!;
    const { arithmetic } = kind;
    if (arithmetic === undefined) this.objects[slot] = kind.merge(this.objects[slot], partial);
    else this.numbers[slot] = mergeNumbers(arithmetic, this.numbers[slot]!, partial as number);
  }

  /**
   * Merges a row's partials into the slots of the windows that take it.
   *
   * @param writerRank - its writer's among those that are read together
   */
  mergeRow({ columns }: LevelFeed, reader: ByteReader, startMs: number, writerRank: number): void {
    const { numbers, objects } = this;
    for (let i = 0; i < columns.length; i++) {
      const { kind, arithmetic, taking, count } = columns[i]!;
      if (arithmetic === OBJECT) {
        let partial = kind.decode(reader, startMs);
        if (writerRank > 0 && kind.ofWriter !== undefined) partial = kind.ofWriter(partial, writerRank);
        for (let j = 0; j < count; j++) {
          const slot = taking[j]!;
          objects[slot] = kind.merge(objects[slot], partial);
        }
      } else {
        const number = decodeNumber(arithmetic, reader);
        for (let j = 0; j < count; j++) {
          const slot = taking[j]!;
          numbers[slot] = mergeNumbers(arithmetic, numbers[slot]!, number);
        }
      }
    }
  }
}
