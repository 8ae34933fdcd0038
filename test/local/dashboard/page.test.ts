import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasBrowser, openPage, startBrowser, styleOf } from "./fixtures/browser.ts";
import { lowContrast } from "./fixtures/contrast.ts";
import { type PageServer, startPageServer } from "./fixtures/page-server.ts";
import { busyView, NOW_MS, snapshot, viewState } from "./fixtures/snapshot.ts";

const STATUSES = [
  viewState({ id: "card@1" }),
  viewState({ id: "merchant@1", status: "stale", lagMs: 200_000 }),
  viewState({ id: "account@2", status: "unknown", warming: null, lagMs: null }),
  viewState({ id: "device@1", status: "warming", warming: true }),
  viewState({ id: "country@1", status: "stale", warming: true, lagMs: 130_000 }),
];

describe.skipIf(!hasBrowser)("the live page in a browser", () => {
  let browser: Browser;
  let server: PageServer;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await server?.stop();
  });

  it("shows what the pipeline does, and moves with it", async () => {
    server = await startPageServer(snapshot());
    const { page, complaints } = await openPage(browser, server.url);
    const text = (selector: string) => page.locator(selector).innerText();
    expect(await text("#rate")).toBe("104");
    expect(await text("#within")).toBe("1 of 1");
    expect(await text("#available")).toBe("56 ms");
    expect(await text("#predict")).toBe("8 ms");
    expect(await text("#clock")).toBe("2024-01-01 12:00:00 UTC");
    expect(await text("#speed")).toBe("real time");
    const row = page.getByRole("row", { name: "card@1" }).first();
    expect(await row.getByRole("cell").allInnerTexts()).toEqual([
      "fresh",
      "4 s of 2m",
      "",
      "120",
      "12\u2009345",
      "6",
      "0",
      "0",
    ]);
    expect(await text("#busiest")).toContain("A7");
    expect(await page.getByRole("img", { name: "count in 36 tiles of 5m: 0 to 6, the last 0" }).count()).toBe(
      1,
    );
    expect(await page.locator("#no-tiles").isVisible()).toBe(false);
    server.push(snapshot({ views: [viewState(), viewState({ id: "decayed@1" })] }));
    await page.getByText("Without tiles of a number: decayed@1.").waitFor();
    server.push(snapshot());
    await page.locator("#no-tiles").waitFor({ state: "hidden" });
    expect(await text("#predictions")).toMatch(/12:00\s+A7\s+fraud@1\s+0\.250/);
    const [prediction] = snapshot().predictions;
    server.push(
      snapshot({
        predictions: [
          { ...prediction!, entities: 500 },
          { ...prediction!, number: 2 },
        ],
      }),
    );
    const predictionRows = page.locator("#predictions tr");
    await expect.poll(() => predictionRows.count()).toBe(2);
    expect(await predictionRows.first().innerText()).toMatch(/A7 and 499 more\s+fraud@1/);
    expect(await text("#totals")).toMatch(/ in 345 batches, 1 retried\.$/);
    expect(await text("#set-aside")).toMatch(/malformed\s*orders\s+it is not JSON[\s\S]*3/);
    expect(await text("#latencies")).toMatch(/POST \/v1\/predict\s*2 failed\s+3\.2 ms\s+5 ms\s+8 ms/);

    const counts = { folded: 20_001, duplicate: 7, late: 8, quarantined: 9, excluded: 0 };
    server.push(
      snapshot({
        clock: { nowMs: NOW_MS - 365 * 86_400_000, speed: 240 },
        throughput: { ...snapshot().throughput, perSecond: 2_345 },
        views: [viewState({ counts })],
      }),
    );
    await expect.poll(() => text("#rate")).toBe("2\u2009345");
    expect((await row.getByRole("cell").allInnerTexts()).slice(4)).toEqual(["20\u2009001", "7", "8", "9"]);
    expect(await text("#speed")).toBe("replay, 240 × real time");
    expect(complaints).toEqual([]);
  });

  it("tells stale, unknown and warming views by word and symbol, above all in the tab's title", async () => {
    server = await startPageServer(snapshot({ views: STATUSES }));
    const { page } = await openPage(browser, server.url);
    const told = await page.locator("#views tr").evaluateAll((rows) =>
      rows.map((row) => ({
        view: row.querySelector("th")!.textContent,
        status: row.querySelector(".status")!.textContent,
        symbol: row.querySelector("use")!.getAttribute("href"),
        lag: row.querySelector(".lag-text")!.textContent,
      })),
    );
    expect(told).toEqual([
      { view: "card@1", status: "fresh", symbol: "#fresh", lag: "4 s of 2m" },
      { view: "merchant@1", status: "stale", symbol: "#stale", lag: "3m 20s of 2m" },
      { view: "account@2", status: "unknown", symbol: "#unknown", lag: "unknown of 2m" },
      { view: "device@1", status: "warming", symbol: "#warming", lag: "4 s of 2m" },
      { view: "country@1", status: "stale, warming", symbol: "#stale", lag: "2m 10s of 2m" },
    ]);
    expect(await page.locator("#within").innerText()).toBe("2 of 5");
    expect(await page.locator("#within-note").innerText()).toBe("2 stale, 1 unknown, 1 warming, 1 fresh");
    expect(await page.title()).toBe("(3 not fresh) Freshet");

    server.push(snapshot({ views: [viewState(), viewState({ id: "merchant@1" })] }));
    await expect.poll(() => page.title()).toBe("Freshet");
    // Said aloud: what changed, and nothing of what left.
    expect(await page.getByRole("status").allInnerTexts()).toContain("merchant@1 is fresh");
    expect(await page.locator("#views tr").count()).toBe(2);
  });

  it("says that freshness cannot be read, where it cannot", async () => {
    server = await startPageServer(snapshot({ problem: "the table is out of reach." }));
    const { page } = await openPage(browser, server.url);
    expect(await page.locator("#problem").innerText()).toBe(
      "Freshness cannot be read: the table is out of reach.",
    );
  });

  it("says so when the server goes away, holds nothing for fresh, and recovers by itself", async () => {
    server = await startPageServer(snapshot());
    const { page } = await openPage(browser, server.url);
    const status = () => page.locator("#views .status").innerText();
    expect(await status()).toBe("fresh");
    await server.stop();
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").innerText()).toMatch(
      /^The server does not answer\. What you see is from /,
    );
    expect(await status()).toBe("unknown");
    expect(await page.locator(".lag-text").innerText()).toBe("was 4 s of 2m");
    expect(await page.locator("#within").innerText()).toBe("–");
    expect(await page.title()).toBe("(lost) Freshet");

    server = await startPageServer(
      snapshot({ views: [viewState({ id: "card@2", status: "warming" })] }),
      server.port,
    );
    await page.locator('[data-connection="live"]').waitFor();
    expect(await page.getByRole("alert").isVisible()).toBe(false);
    expect(await page.locator("#views").innerText()).toMatch(/card@2\s+warming/);
    expect(await page.locator("#views tr").count()).toBe(1);
  });

  it("asks no other host, runs nothing inline, and shows keys and details as text", async () => {
    const markup =
      '<img src="http://example.com/x" onerror="document.title=1"><script>document.title=1</script>';
    server = await startPageServer(
      snapshot({
        busiest: [busyView({ entities: [{ ...busyView().entities[0]!, key: [markup] }] })],
        setAside: [{ ...snapshot().setAside[0]!, detail: markup }],
        predictions: [{ ...snapshot().predictions[0]!, keys: [markup] }],
      }),
    );
    const { page, complaints, requests } = await openPage(browser, server.url);
    expect(await page.locator("#set-aside .detail").innerText()).toContain("<script>");
    expect(await page.locator("#busiest th[scope=row]").textContent()).toBe(markup);
    const hosts = new Set(
      requests.filter((url) => !url.startsWith("data:")).map((url) => new URL(url).origin),
    );
    expect([...hosts]).toEqual([server.url]);
    expect(complaints).toEqual([]);
    const policy = (await fetch(server.url)).headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
    expect(policy).not.toContain("unsafe");
  });

  it("fits a phone of 375 px, however long names are, and is a table to a screen reader there too", async () => {
    const long = "a".repeat(200);
    server = await startPageServer(
      snapshot({
        views: [...STATUSES, viewState({ id: `${"destination_arrivals_".repeat(6)}@12` })],
        busiest: [
          busyView({
            view: `${"view_".repeat(30)}@1`,
            entities: [{ ...busyView().entities[0]!, key: [long] }],
          }),
        ],
        predictions: [{ ...snapshot().predictions[0]!, keys: [long, "b"], model: `${long}@1` }],
        setAside: [{ ...snapshot().setAside[0]!, source: long, detail: long }],
        latencies: [{ ...snapshot().latencies[0]!, name: `POST /v1/${long}` }],
      }),
    );
    const { page } = await openPage(browser, server.url, {
      viewport: { width: 375, height: 812 },
      isMobile: true,
    });
    const width = await page.evaluate("document.documentElement.scrollWidth");
    expect(width).toBe(375);
    const row = page.getByRole("row", { name: "merchant@1" });
    expect(await row.getByRole("cell").first().innerText()).toBe("stale");
    expect(await page.getByRole("table", { name: "Views" }).getByRole("columnheader").count()).toBe(9);
  });

  it.each(["light", "dark"] as const)(
    "has AA contrast in a %s theme, and when the server is gone",
    async (theme) => {
      server = await startPageServer(snapshot({ views: STATUSES, problem: "the table is out of reach." }));
      const { page } = await openPage(browser, server.url, { colorScheme: theme });
      expect(await styleOf(page, "body", "colorScheme")).toBe("light dark");
      expect(await lowContrast(page)).toEqual({ checked: expect.any(Number), low: [] });
      await server.stop();
      await page.getByRole("alert").waitFor();
      const { checked, low } = await lowContrast(page);
      expect(low).toEqual([]);
      expect(checked).toBeGreaterThan(60);
    },
  );

  it("keeps the theme that was chosen, and stands still for who wants that", async () => {
    server = await startPageServer(snapshot());
    const { page } = await openPage(browser, server.url, { colorScheme: "light", reducedMotion: "reduce" });
    const background = () => styleOf(page, "body", "backgroundColor");
    const light = await background();
    await page.getByRole("button", { name: "Theme: system" }).click();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    expect(await background()).toBe(dark);
    await page.getByRole("button", { name: "Theme: dark" }).click();
    expect(await background()).toBe(light);
    expect(await styleOf(page, ".dot", "animationName")).toBe("none");
    await page.emulateMedia({ reducedMotion: "no-preference" });
    expect(await styleOf(page, ".dot", "animationName")).toBe("beat");
  });
});
