/** Keeps one child element an item, by key: rows are made once, then updated, moved and removed. */
export function keyedChildren<Item, Child extends Element>(options: {
  readonly parent: Element;
  readonly keyOf: (item: Item) => string;
  readonly create: (item: Item) => Child;
  readonly update: (child: Child, item: Item) => void;
}): (items: readonly Item[]) => void {
  const { parent, keyOf, create, update } = options;
  const children = new Map<string, Child>();
  return (items) => {
    const gone = new Set(children.keys());
    items.forEach((item, index) => {
      const key = keyOf(item);
      gone.delete(key);
      let child = children.get(key);
      if (child === undefined) {
        child = create(item);
        children.set(key, child);
      }
      update(child, item);
      const place = parent.children[index] ?? null;
      if (place !== child) parent.insertBefore(child, place);
    });
    for (const key of gone) {
      children.get(key)?.remove();
      children.delete(key);
    }
  };
}
