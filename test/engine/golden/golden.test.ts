import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FreshetError } from "../../../lib/define/error.ts";
import { ByteReader } from "../../../lib/engine/codec/byte-reader.ts";
import { ByteWriter } from "../../../lib/engine/codec/byte-writer.ts";
import { foldEvents, type ItemState } from "../../../lib/engine/fold.ts";
import { planView, type ViewPlan } from "../../../lib/engine/plan.ts";
import { decodePosition, encodePosition } from "../../../lib/engine/position.ts";
import { readFeatures, summarizeItem } from "../../../lib/engine/read.ts";
import { DedupRing } from "../../../lib/engine/state/dedup-ring.ts";
import { readHeader, writeHeader } from "../../../lib/engine/state/image-header.ts";
import { LevelRows } from "../../../lib/engine/state/level-rows.ts";
import { SessionRows } from "../../../lib/engine/state/session-rows.ts";
import { sourceEvents, WRITER } from "../fold-fixtures.ts";
import { foldCase, goldenCases } from "./cases.ts";

function golden(name: string): ItemState {
  const bytes = (kind: string) =>
    new Uint8Array(readFileSync(new URL(`v1/${name}.${kind}`, import.meta.url)));
  return { image: bytes("image"), position: bytes("position") };
}

/** Reads every part of an image and writes all of it anew, each row from its decoded partials. */
function reencode(plan: ViewPlan, image: Uint8Array): Uint8Array {
  const reader = new ByteReader(image);
  const writer = new ByteWriter();
  const header = readHeader(reader);
  writeHeader(writer, header);
  const ring = new DedupRing(plan.view.dedup);
  ring.read(reader);
  ring.write(writer);
  for (const level of plan.levels) {
    const rows = new LevelRows(level, plan);
    const newestTile = header.newestMs === null ? 0 : rows.tileOf(header.newestMs);
    rows.read(reader, newestTile);
    for (let row = 0; row < rows.size; row++) rows.touch(rows.tileAt(row));
    rows.write(writer, newestTile);
  }
  for (const level of plan.sessions) {
    const rows = new SessionRows(level, plan);
    rows.read(reader, header.newestMs ?? 0);
    rows.write(writer, header.newestMs ?? 0);
  }
  return writer.toBytes();
}

/** The code of the error that a use of an image ends in; null when it ends well. */
function codeOf(use: () => unknown): string | null {
  try {
    use();
    return null;
  } catch (error) {
    if (error instanceof FreshetError) return error.code;
    throw error;
  }
}

describe.each(goldenCases)("$name", (goldenCase) => {
  const plan = planView(goldenCase.view);
  const { image, position } = golden(goldenCase.name);
  const { newestMs } = summarizeItem(plan, image);
  const [next] = sourceEvents(
    [{ ...goldenCase.deliveries[0]!.records[0]!, eventTimeMs: newestMs!, arrivalMs: newestMs!, id: "next" }],
    1_000_000,
  );
  const fold = (changed: Uint8Array) =>
    foldEvents({ plan, writer: WRITER, item: { image: changed, position }, events: [next!] });
  const read = (changed: Uint8Array) => readFeatures(plan, [{ writer: WRITER, image: changed }], newestMs!);

  it("comes back from decoding and encoding byte for byte", () => {
    expect(reencode(plan, image)).toEqual(image);
    expect(encodePosition(decodePosition(position))).toEqual(position);
  });

  it("is what a fold of its records leaves, however they are batched", () => {
    expect(foldCase(goldenCase)).toEqual({ image, position });
    expect(foldCase(goldenCase, 7)).toEqual({ image, position });
  });

  it("is refused under a version that this release does not know", () => {
    const other = image.slice();
    other[0] = 2;
    expect(codeOf(() => fold(other))).toBe("IMAGE_VERSION_UNKNOWN");
    expect(codeOf(() => read(other))).toBe("IMAGE_VERSION_UNKNOWN");
    expect(codeOf(() => summarizeItem(plan, other))).toBe("IMAGE_VERSION_UNKNOWN");
  });

  it("is refused when it is cut short anywhere, or longer than it says", () => {
    expect(codeOf(() => fold(image))).toBe(null);
    expect(codeOf(() => read(image))).toBe(null);
    for (let length = 0; length < image.length; length++) {
      const cut = image.slice(0, length);
      expect(
        codeOf(() => fold(cut)),
        `${length} bytes`,
      ).toBe("IMAGE_CORRUPT");
      expect(
        codeOf(() => read(cut)),
        `${length} bytes`,
      ).toBe("IMAGE_CORRUPT");
    }
    const longer = new Uint8Array(image.length + 1);
    longer.set(image);
    expect(codeOf(() => fold(longer))).toBe("IMAGE_CORRUPT");
    expect(codeOf(() => read(longer))).toBe("IMAGE_CORRUPT");
  });

  it("with bytes changed is refused or read, in bounded time and memory", () => {
    const place = fc.nat({ max: image.length - 1 });
    const change = fc.array(
      fc.tuple(place, fc.oneof(fc.constantFrom(0, 127, 128, 255), fc.nat({ max: 255 }))),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(change, place, (changes, runStart) => {
        const changed = image.slice();
        for (const [at, byte] of changes) changed[at] = byte;
        // A run of continuation bytes is a number without end.
        if (changes.length > 8) changed.fill(255, runStart, runStart + 200);
        const refusals = ["IMAGE_CORRUPT", "IMAGE_VERSION_UNKNOWN", "AS_OF_TOO_OLD", null];
        const before = process.cpuUsage();
        expect(refusals).toContain(codeOf(() => fold(changed)));
        expect(refusals).toContain(codeOf(() => read(changed)));
        // Processor time, which other processes do not lengthen: a number without end would take for ever.
        expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
      }),
      { numRuns: 500, seed: 20260109 },
    );
  });

  it("refuses a position cut short inside an entry", () => {
    const lengths = new Set<number>();
    for (let entries = 0; entries <= decodePosition(position).length; entries++) {
      lengths.add(encodePosition(decodePosition(position).slice(0, entries)).length);
    }
    for (let length = 0; length < position.length; length++) {
      if (lengths.has(length)) continue;
      expect(
        codeOf(() => decodePosition(position.slice(0, length))),
        `${length} bytes`,
      ).toBe("IMAGE_CORRUPT");
    }
  });
});

it("holds sketches in both forms, and positions of several writers", () => {
  const [sliding, dense, , , resharded] = goldenCases;
  const distinct = (index: number, name: string) => {
    const goldenCase = goldenCases[index]!;
    const plan = planView(goldenCase.view);
    const { image } = golden(goldenCase.name);
    const { newestMs } = summarizeItem(plan, image);
    const { values } = readFeatures(plan, [{ writer: WRITER, image }], newestMs!);
    return values[plan.features.findIndex(({ feature }) => feature.name === name)] as number;
  };
  expect([sliding!.name, dense!.name]).toEqual(["sliding", "dense-sketches-lifetime"]);
  expect(distinct(0, "distinct_0")).toBeLessThan(30);
  // More registers than a sparse sketch holds.
  expect(distinct(1, "distinct_1")).toBeGreaterThan(1_500);
  expect(decodePosition(golden(resharded!.name).position)).toHaveLength(3);
});
