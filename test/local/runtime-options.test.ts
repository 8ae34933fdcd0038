import { describe, expect, it } from "vitest";
import { startLocalRuntime } from "../../lib/local/index.ts";

const definitionsFile = new URL("./fixtures/orders.ts", import.meta.url);

describe("a local runtime's options", () => {
  it.each([
    [{ definitionsFile, prot: 3000 }, 'startLocalRuntime\'s options has no "prot" (did you mean "port"?)'],
    [{ definitionsFile, batchingWindow: "5s" }, 'no "batchingWindow" (did you mean "batchingWindowMs"?)'],
    [{ definitionFile: "fraud.ts" }, 'no "definitionFile" (did you mean "definitionsFile"?)'],
    [{}, "definitionsFile is undefined; it is a path or a file URL."],
    [{ definitionsFile: "" }, 'definitionsFile is ""; it is a path or a file URL.'],
    [{ definitionsFile: new URL("http://host/fraud.ts") }, "it is a path or a file URL."],
    [undefined, "startLocalRuntime's options are undefined; write {"],
    [{ definitionsFile, folder: "state" }, 'folder is "state"; write { path: "./state" }.'],
    [{ definitionsFile, folder: null }, 'folder is null; write { path: "./state" }.'],
    [{ definitionsFile, folder: {} }, 'folder has the path undefined; write { path: "./state" }.'],
    [{ definitionsFile, folder: { pth: "state" } }, 'folder has no "pth" (did you mean "path"?)'],
  ])("refuses %j", async (options, message) => {
    await expect(startLocalRuntime(options as never)).rejects.toMatchObject({
      code: "OPTION_INVALID",
      message: expect.stringContaining(message),
    });
  });
});
