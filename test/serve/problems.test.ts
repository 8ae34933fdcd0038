import { describe, expect, it } from "vitest";
import { FreshetError } from "../../lib/define/error.ts";
import { harness, predictionOf, problemOf, REQUEST } from "./fixtures/harness.ts";

const { model: _, ...WITHOUT_MODEL } = REQUEST;

async function expectProblem(response: Response, status: number, type: string) {
  expect(response.status).toBe(status);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const document = await problemOf(response);
  expect(document).toMatchObject({
    type: `/problems/${type}`,
    title: expect.stringMatching(/./),
    status,
    detail: expect.stringMatching(/./),
    requestId: response.headers.get("X-Request-Id"),
    instance: `urn:freshet:request:${response.headers.get("X-Request-Id")}`,
  });
  return document;
}

describe("a request that does not fit", () => {
  it.each([
    ["an unknown field", { ...REQUEST, models: "x" }, "#/models", "unknown-field"],
    [
      "an unknown key",
      { ...REQUEST, keys: { ...REQUEST.keys, merchant: 1 } },
      "#/keys/merchant",
      "unknown-field",
    ],
    [
      "a key of a prototype",
      { ...REQUEST, keys: { ...REQUEST.keys, constructor: "x" } },
      "#/keys/constructor",
      "unknown-field",
    ],
    ["a missing key", { ...REQUEST, keys: { card: "c1" } }, "#/keys/payer", "missing"],
    ["a key of another type", { ...REQUEST, keys: { card: 5, payer: "ann" } }, "#/keys/card", "wrong-type"],
    ["a null key", { ...REQUEST, keys: { card: null, payer: "ann" } }, "#/keys/card", "wrong-type"],
    [
      "a key that its schema refuses",
      { ...REQUEST, keys: { card: "", payer: "ann" } },
      "#/keys/card",
      "invalid-value",
    ],
    ["no keys", { model: "fraud", context: REQUEST.context }, "#/keys", "missing"],
    ["keys that are a list", { ...REQUEST, keys: ["c1"] }, "#/keys", "wrong-type"],
    [
      "an unknown context field",
      { ...REQUEST, context: { amount: 80, "a/b~c": 1 } },
      "#/context/a~1b~0c",
      "unknown-field",
    ],
    ["a missing context field", { ...REQUEST, context: {} }, "#/context/amount", "missing"],
    ["no context", { model: "fraud", keys: REQUEST.keys }, "#/context/amount", "missing"],
    ["a number as a string", { ...REQUEST, context: { amount: "80" } }, "#/context/amount", "wrong-type"],
    ["a number out of range", { ...REQUEST, context: { amount: -1 } }, "#/context/amount", "invalid-value"],
    ["an unknown policy", { ...REQUEST, onStale: "ignore" }, "#/onStale", "invalid-value"],
    ["no model where there are several", WITHOUT_MODEL, "#/model", "missing"],
    ["a body that is a list", [REQUEST], "#", "wrong-type"],
    ["a body that is null", "null", "#", "wrong-type"],
  ])("%s is refused where it stands", async (_, body, pointer, issue) => {
    const { post, reader } = harness();
    const document = await expectProblem(await post("/v1/predict", body), 400, "invalid-request");
    expect(document.errors).toEqual([{ pointer, issue, detail: expect.stringMatching(/./) }]);
    expect(document.detail).toContain(pointer);
    expect(reader.calls).toEqual([]);
  });

  it.each([
    ["/v1/features", { views: "card", keys: { card: "c1" } }, "view, service, keys and entities"],
    ["/v1/features", { view: "card", entities: [{ key: {}, keys: {} }] }, "keys"],
    ["/v1/predict", { ...REQUEST, contxt: {} }, "model, keys, context, entities and onStale"],
    ["/v1/predict", { model: "fraud", entities: [{ keys: {}, contxt: {} }] }, "keys and context"],
    ["/v1/predict", { ...REQUEST, context: { ...REQUEST.context, amuont: 1 } }, "amount and note"],
  ])("says at %s which fields there are beside %j", async (path, body, names) => {
    const { post } = harness();
    const { errors } = await expectProblem(await post(path, body), 400, "invalid-request");
    expect(errors!.map(({ issue, detail }) => [issue, detail])).toEqual([
      [
        "unknown-field",
        `no such field; ${names.includes(" and ") ? "the fields are" : "the only field is"} ${names}.`,
      ],
    ]);
  });

  it("names every place at once", async () => {
    const { post } = harness();
    const body = { model: "fraud", keys: { payer: 5, extra: 1 }, context: { amount: "80" } };
    const { errors } = await expectProblem(await post("/v1/predict", body), 400, "invalid-request");
    expect(errors?.map((error) => error.pointer).sort()).toEqual([
      "#/context/amount",
      "#/keys/card",
      "#/keys/extra",
      "#/keys/payer",
    ]);
  });

  it("refuses what only the fallback would refuse before features are stale", async () => {
    const { post } = harness();
    const body = { ...REQUEST, context: { amount: "80" }, onStale: "fallback" };
    await expectProblem(await post("/v1/predict", body), 400, "invalid-request");
  });

  it("does not take a __proto__ for a key", async () => {
    const { post } = harness();
    const body = '{"model":"fraud","keys":{"card":"c1","__proto__":{"payer":"ann"}},"context":{"amount":80}}';
    await expectProblem(await post("/v1/predict", body), 400, "invalid-request");
  });

  it.each([
    ["keys", '{"model":"fraud","keys":{"__proto__":"x","card":"c1","payer":"ann"},"context":{"amount":80}}'],
    [
      "context",
      '{"model":"fraud","keys":{"card":"c1","payer":"ann"},"context":{"amount":80,"__proto__":{"a":1}}}',
    ],
    ["context", '{"model":"amount_only","keys":{},"context":{"amount":80,"__proto__":null}}'],
    ["", '{"model":"fraud","keys":{"card":"c1","payer":"ann"},"context":{"amount":80},"__proto__":{}}'],
  ])("refuses a __proto__ in %s as any field that it does not know", async (place, body) => {
    const { post, reader } = harness();
    const { errors } = await expectProblem(await post("/v1/predict", body), 400, "invalid-request");
    const pointer = `#${place === "" ? "" : `/${place}`}/__proto__`;
    expect(errors).toMatchObject([{ pointer, issue: "unknown-field" }]);
    expect(reader.calls).toEqual([]);
  });

  it("refuses a __proto__ in a row, and answers the rows beside it", async () => {
    const { post } = harness();
    const rows = [
      '{"keys":{"card":"c1","payer":"ann"}}',
      '{"keys":{"card":"c1","payer":"ann","__proto__":"x"}}',
    ];
    const body = `{"service":"checkout","entities":[${rows.join(",")}]}`;
    const response = await post("/v1/features", body);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      results: [
        { views: {} },
        { problem: { errors: [{ pointer: "#/entities/1/keys/__proto__", issue: "unknown-field" }] } },
      ],
    });
  });

  it.each([
    ["keys", { ...REQUEST, keys: ["c1", "ann"] }, "wrong-type"],
    ["keys", { ...REQUEST, keys: null }, "wrong-type"],
    ["context", { ...REQUEST, context: "80" }, "wrong-type"],
    ["entities/0/keys", { model: "fraud", entities: [{}] }, "missing"],
    ["entities/0/context", { model: "fraud", entities: [{ keys: {}, context: [] }] }, "wrong-type"],
  ])("refuses %s that are no object: %j", async (place, body, issue) => {
    const { post } = harness();
    const { errors } = await expectProblem(await post("/v1/predict", body), 400, "invalid-request");
    expect(errors).toMatchObject([{ pointer: `#/${place}`, issue }]);
  });

  it.each(["{", "", "{'model': 1}", "\u0000"])("answers invalid-json to %j", async (body) => {
    const { post } = harness();
    await expectProblem(await post("/v1/predict", body), 400, "invalid-json");
  });

  it("answers 415 to a body of another type", async () => {
    const { post } = harness();
    const response = await post("/v1/predict", JSON.stringify(REQUEST), { "Content-Type": "text/plain" });
    await expectProblem(response, 415, "unsupported-media-type");
  });

  it("answers 413 to a body of 2 MiB", async () => {
    const { post } = harness();
    const body = JSON.stringify({ ...REQUEST, keys: { card: "x".repeat(2 ** 21), payer: "ann" } });
    const document = await expectProblem(await post("/v1/predict", body), 413, "body-too-large");
    expect(document.detail).toContain("1048576");
  });

  it("takes a body of exactly the limit, and not a byte more", async () => {
    const { post } = harness({ limits: { bodyBytes: 200 } });
    const padded = (bytes: number) => JSON.stringify(REQUEST).padEnd(bytes);
    expect((await post("/v1/predict", padded(200))).status).toBe(200);
    await expectProblem(await post("/v1/predict", padded(201)), 413, "body-too-large");
  });

  it("answers 404 to an unknown model and names those there are", async () => {
    const { post } = harness();
    const document = await expectProblem(
      await post("/v1/predict", { ...REQUEST, model: "frod" }),
      404,
      "unknown-model",
    );
    expect(document.detail).toContain("amount_only, fraud, plain");
  });

  it("answers 404 to an unknown path, 405 with Allow to another method", async () => {
    const { get, post } = harness();
    await expectProblem(await get("/v2/predict"), 404, "not-found");
    const response = await get("/v1/predict");
    expect(response.headers.get("Allow")).toBe("POST");
    await expectProblem(response, 405, "method-not-allowed");
    await expectProblem(await post("/healthz", {}), 405, "method-not-allowed");
  });
});

describe("a failure inside", () => {
  it.each([
    ["STORE_UNAVAILABLE", 503, "store-unavailable", "1"],
    ["STREAM_UNAVAILABLE", 503, "store-unavailable", "1"],
    ["IMAGE_VERSION_UNKNOWN", 503, "state-unreadable", "1"],
    ["AS_OF_TOO_OLD", 503, "as-of-too-old", "1"],
    ["IMAGE_CORRUPT", 500, "internal", null],
  ] as const)(
    "%s is answered without its message, which the log has",
    async (code, status, type, retryAfter) => {
      const { post, reader, log } = harness();
      const secret = "table orders-prod at 10.0.0.7 said no";
      reader.failure = new FreshetError(code, secret);
      const response = await post("/v1/predict", REQUEST);
      expect(response.headers.get("Retry-After")).toBe(retryAfter);
      const document = await expectProblem(response, status, type);
      expect(JSON.stringify(document)).not.toContain("orders-prod");
      const line = log.find(({ level }) => level === "error");
      expect(line).toMatchObject({ fields: { requestId: "id-1", problem: type } });
      const { error } = line!.fields as { error: Error };
      expect([error.message, (error.cause as Error | undefined)?.message]).toContain(secret);
    },
  );

  it("leaks nothing of an error that is none of ours", async () => {
    const { post, reader } = harness();
    reader.failure = new TypeError("cannot read properties of undefined (reading 'secret')");
    const document = await expectProblem(await post("/v1/predict", REQUEST), 500, "internal");
    expect(JSON.stringify(document)).not.toContain("secret");
  });

  it("answers 400 to a key that the store refuses", async () => {
    const { post, reader } = harness();
    reader.failure = new FreshetError("ENTITY_KEY_INVALID", "key card: ill-formed Unicode.");
    const document = await expectProblem(await post("/v1/predict", REQUEST), 400, "invalid-request");
    expect(document.errors).toEqual([
      { pointer: "#/keys", issue: "invalid-value", detail: "key card: ill-formed Unicode." },
    ]);
  });

  it("answers 500 to a derive that fails, without the values it failed on", async () => {
    const { post, reader } = harness();
    reader.changes.card = { values: { spend_1h: "secret" as never, txns_1h: 1 } };
    const document = await expectProblem(await post("/v1/predict", REQUEST), 500, "derive-failed");
    expect(JSON.stringify(document)).not.toContain("secret");
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "answers 500 to a score of %d, naming what had no value",
    async (score) => {
      const model = {
        score: async () => score,
        scoreRows: async () => [score],
        batching: "one-run" as const,
        close: async () => {},
      };
      const { post, reader } = harness({
        models: new Map([
          ["fraud", model],
          ["plain", model],
          ["amount_only", model],
        ]),
      });
      reader.changes.card = { values: { spend_1h: null, txns_1h: 0 } };
      const document = await expectProblem(await post("/v1/predict", REQUEST), 500, "score-not-finite");
      expect(document.detail).toContain("card.spend_1h, ratio");
    },
  );
});

describe("the request id", () => {
  it("is the client's where it is in order", async () => {
    const { post, log } = harness();
    const response = await post("/v1/predict", REQUEST, { "X-Request-Id": "abc-123_=" });
    expect(response.headers.get("X-Request-Id")).toBe("abc-123_=");
    expect((await predictionOf(response)).requestId).toBe("abc-123_=");
    expect(log.map(({ fields }) => fields.requestId)).toEqual(["abc-123_="]);
  });

  it.each(["a b", "x".repeat(256), '"}'])("is made where the client's is not: %j", async (id) => {
    const { post } = harness();
    expect((await post("/v1/predict", REQUEST, { "X-Request-Id": id })).headers.get("X-Request-Id")).toBe(
      "id-1",
    );
  });

  it.each(["/healthz", "/readyz", "/metrics", "/openapi.json", "/nothing"])(
    "is in the answer of %s",
    async (path) => {
      const { get } = harness();
      expect((await get(path)).headers.get("X-Request-Id")).toBe("id-1");
    },
  );

  it("is in every log line, with route, status and duration", async () => {
    const { post, get, reader, log } = harness();
    await get("/healthz");
    reader.failure = new Error("no");
    await post("/v1/predict", REQUEST);
    await get("/nothing/at/all");
    expect(log.map(({ level, message, fields }) => [level, message, fields.requestId])).toEqual([
      ["info", "request", "id-1"],
      ["error", expect.any(String), "id-2"],
      ["info", "request", "id-2"],
      ["info", "request", "id-3"],
    ]);
    expect(log[0]!.fields).toEqual({
      requestId: "id-1",
      method: "GET",
      route: "/healthz",
      status: 200,
      durationMs: 12,
    });
    expect(log[2]!.fields).toMatchObject({ route: "/v1/predict", status: 500, problem: "internal" });
    expect(log[3]!.fields).toMatchObject({ route: "unmatched", status: 404, problem: "not-found" });
  });
});
