import { expect, it } from "vitest";
import { changeItem } from "../../lib/online/change-item.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { createMemoryStateStore } from "./fixtures/memory-state-store.ts";

/** A number of an item is raised by one through a store that loses writes, or applies them and does not say so. */
function raise(faults: readonly ("lost" | "applied-unanswered" | null)[]) {
  const store = createMemoryStateStore();
  const through = createFaultyStore(store);
  let writes = 0;
  through.onPut = () => faults[writes++] ?? null;
  const changed = changeItem(through, {
    pk: "x",
    change: (stands) => {
      if (stands?.by === "me") return null;
      const expected = stands === undefined ? null : { n: stands.n! };
      return { item: { pk: "x", n: ((stands?.n as number) ?? 0) + 1, by: "me" }, expected };
    },
  });
  return { store, changed, writes: () => writes };
}

it("is made of what stands, and knows its own write again (R2)", async () => {
  const { store, changed, writes } = raise(["lost", "applied-unanswered"]);
  expect(await changed).toEqual({ pk: "x", n: 1, by: "me" });
  expect(writes()).toBe(2);
  expect(store.items.get("x")).toMatchObject({ n: 1 });
});

it("is known though the last of ten writes alone was applied, in doubt", async () => {
  const { changed, writes } = raise([...Array(9).fill("lost"), "applied-unanswered"]);
  expect(await changed).toMatchObject({ n: 1 });
  expect(writes()).toBe(10);
});

it("is given up after ten writes in doubt", async () => {
  const { changed } = raise(Array(20).fill("lost"));
  await expect(changed).rejects.toThrow(
    "item x was changed by others, or its write was in doubt, 10 times over.",
  );
});

it("begins with what was read before, and goes on from what others have made of it", async () => {
  const store = createMemoryStateStore();
  await store.put({ pk: "x", n: 5 }, { expected: null });
  const seen: unknown[] = [];
  const stands = await changeItem(store, {
    pk: "x",
    read: { item: { pk: "x", n: 4 } },
    change: (item) => {
      seen.push(item?.n);
      return { item: { pk: "x", n: (item!.n as number) + 1 }, expected: { n: item!.n! } };
    },
  });
  expect(seen).toEqual([4, 5]);
  expect(stands).toEqual({ pk: "x", n: 6 });
});
