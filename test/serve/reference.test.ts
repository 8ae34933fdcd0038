import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readReferenceScript } from "../../lib/local/reference-script.ts";
import { serveApi } from "../../lib/local/serve-api.ts";
import { hasBrowser, startBrowser } from "../local/dashboard/fixtures/browser.ts";
import { harness, problemOf } from "./fixtures/harness.ts";

describe("GET /reference", () => {
  it("is a page whose script comes from the API itself, and that may ask no other host", async () => {
    const { get } = harness({ readReferenceScript });
    const page = await get("/reference");
    expect(page.status).toBe(200);
    expect(page.headers.get("Content-Type")).toMatch(/^text\/html/);
    expect(page.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    const html = await page.text();
    expect([...html.matchAll(/\ssrc="([^"]*)"/g)].map(([, source]) => source)).toEqual([
      "/reference/scalar.js",
    ]);
    const script = await get("/reference/scalar.js");
    expect(script.headers.get("Content-Type")).toMatch(/^text\/javascript/);
    expect((await script.text()).length).toBeGreaterThan(1_000_000);
  });

  it("is not there where no script is given, as in a deployed function", async () => {
    const { get } = harness();
    for (const path of ["/reference", "/reference/scalar.js"]) {
      const response = await get(path);
      expect([response.status, (await problemOf(response)).type]).toEqual([404, "/problems/not-found"]);
    }
  });

  it("reads its script again after a read that failed", async () => {
    let reads = 0;
    const { get } = harness({
      readReferenceScript: async () => {
        if (++reads === 1) throw new Error("disk");
        return "script";
      },
    });
    expect((await get("/reference/scalar.js")).status).toBe(500);
    for (let i = 0; i < 2; i++) expect(await (await get("/reference/scalar.js")).text()).toBe("script");
    expect(reads).toBe(2);
  });
});

describe.skipIf(!hasBrowser)("the reference in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  it("shows every operation of the API, asks no other host, and offers nothing that would", async () => {
    const { app, get } = harness({ readReferenceScript });
    const server = await serveApi({ app, port: 0 });
    try {
      const page = await browser.newPage();
      const asked: string[] = [];
      const errors: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") errors.push(message.text());
      });
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(`${server.endpoint}/reference`);
      const { paths } = (await (await get("/openapi.json")).json()) as {
        paths: Record<string, Record<string, { summary: string }>>;
      };
      const summaries = Object.values(paths).flatMap((path) =>
        Object.values(path).map(({ summary }) => summary),
      );
      expect(summaries.length).toBeGreaterThan(7);
      for (const summary of summaries) await page.getByText(summary).first().waitFor({ state: "attached" });
      expect(asked.filter((url) => !url.startsWith(server.endpoint) && !/^(data|blob):/.test(url))).toEqual(
        [],
      );
      expect(errors).toEqual([]);
      for (const offer of ["Ask AI", "Generate SDKs", "Generate MCP", "Share", "Developer Tools"]) {
        expect([offer, await page.getByText(offer).count()]).toEqual([offer, 0]);
      }
    } finally {
      await server.stop();
    }
  });
});
