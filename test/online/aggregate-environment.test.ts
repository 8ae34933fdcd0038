import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readEnvironment } from "../../functions/aggregate/environment.ts";
import { source } from "../../lib/define/index.ts";

const schema = z.object({ card: z.string(), at: z.number() });
const sources = ["payments", "refunds"].map((name) =>
  source(name, { schema, partitionKey: "card", eventTime: "at" }),
);
const ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream";

const read = (streams: Readonly<Record<string, string>>) =>
  readEnvironment(
    { FRESHET_TABLE: "features", FRESHET_STREAMS: JSON.stringify(streams) },
    { sources, needsBucket: false },
  );

describe("the aggregator's environment", () => {
  it("names a stream for each source", () => {
    const { streams } = read({ payments: "one", refunds: `${ARN}/two` });
    expect([...streams]).toEqual([
      ["payments", "one"],
      ["refunds", `${ARN}/two`],
    ]);
  });

  // Which source a record belongs to would be anyone's guess: the one named last took all.
  it.each([
    ["by name", "one", "one"],
    ["by ARN", `${ARN}/one`, `${ARN}/one`],
    ["by name and by ARN", "one", `${ARN}/one`],
  ])("refuses one stream for two sources, %s", (_, payments, refunds) => {
    const refused = () => read({ payments, refunds });
    expect(refused).toThrow(expect.objectContaining({ code: "OPTION_INVALID" }));
    expect(refused).toThrow(/FRESHET_STREAMS gives the sources payments and refunds one stream, one;/);
  });
});
