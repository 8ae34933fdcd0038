import { describe, expect, it } from "vitest";
import { BUCKET_PREFIXES } from "../../lib/constructs/data-bucket.ts";
import { HEARTBEAT_FILTER } from "../../lib/constructs/filter-patterns.ts";
import { TABLE_ATTRIBUTES } from "../../lib/constructs/table-attributes.ts";
import { encodeHeartbeat } from "../../lib/engine/heartbeat.ts";
import { writeChannel } from "../../lib/online/channels.ts";
import { TABLE_SPEC } from "../../lib/online/table.ts";

// Constructs import nothing that runs in a function, so that they write these down a second time.
describe("names that constructs and functions share", () => {
  it("are the table's attributes", () => {
    expect(TABLE_ATTRIBUTES).toEqual({
      partitionKey: TABLE_SPEC.partitionKey,
      timeToLive: TABLE_SPEC.timeToLiveAttribute,
    });
  });

  it.each(["late", "quarantine"] as const)("are the prefix of %s records", async (channel) => {
    const keys: string[] = [];
    const store = {
      put: async (key: string) => {
        keys.push(key);
      },
      get: async () => undefined,
      list: async () => [],
    };
    await writeChannel(store, channel, [
      {
        source: "orders",
        writer: "w",
        sequenceNumber: "1",
        view: null,
        arrivalMs: 0,
        reason: "schema",
        detail: "",
        partitionKey: "k",
        payload: "",
      },
    ]);
    expect(keys[0]!.startsWith(BUCKET_PREFIXES[channel])).toBe(true);
  });

  it("are the field that heartbeats pass filters by", () => {
    const { data } = JSON.parse(HEARTBEAT_FILTER.pattern!) as { readonly data: object };
    const heartbeat = JSON.parse(Buffer.from(encodeHeartbeat(Date.UTC(2026, 0, 5))).toString()) as object;
    expect(Object.keys(heartbeat)).toEqual(Object.keys(data));
  });
});
