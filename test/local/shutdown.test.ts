import { expect, it } from "vitest";
import { createShutdown } from "../../lib/local/shutdown.ts";

it("ends what was started last first, each once, and waits for each", async () => {
  const shutdown = createShutdown();
  const ended: number[] = [];
  for (const part of [1, 2, 3]) {
    shutdown.add(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5 * part));
      ended.push(part);
    });
  }
  await Promise.all([shutdown.run(), shutdown.run()]);
  expect(ended).toEqual([3, 2, 1]);
});

it("ends the rest when one part fails, and then says so", async () => {
  const shutdown = createShutdown();
  const ended: number[] = [];
  shutdown.add(() => ended.push(1));
  shutdown.add(() => {
    throw new Error("stuck");
  });
  shutdown.add(() => ended.push(3));
  await expect(shutdown.run()).rejects.toThrow("stuck");
  expect(ended).toEqual([3, 1]);
});
