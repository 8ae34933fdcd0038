import { type Node, parseExpressionAt } from "acorn";
import { compositionOf, functionSource, type UserFunction } from "../define/function-source.ts";

/** Where a tree says how the text was written. */
const LAYOUT: ReadonlySet<string> = new Set(["start", "end", "raw", "shorthand"]);

/** Where a node has a property's name: nobody renames it. */
const PROPERTY_NAMES: Readonly<Record<string, string>> = {
  MemberExpression: "property",
  MethodDefinition: "key",
  Property: "key",
  PropertyDefinition: "key",
};

/**
 * What a user's function does, as plain data by which a change of it is noticed (R13): its syntax tree, without layout,
 * comments, and the number that a bundler puts behind a name which something else in the definitions has. Of variables
 * that the function closes over, a number at the end of the name does not count.
 *
 * @returns the text of one that has no source, as `Number`.
 * @example
 * ```ts
 * functionShape((row: { amount: number }) => row.amount > 3);
 * ```
 */
export function functionShape(source: UserFunction): unknown {
  const made = compositionOf(source);
  if (made !== undefined) return [made.label, functionShape(made.of)];
  const text = functionSource(source);
  const tree = parse(`(${text})`) ?? parse(`({${text}})`);
  return tree === null ? text : shapeOf(tree, createNames());
}

/** Null for what is no expression. */
function parse(text: string): Node | null {
  try {
    return parseExpressionAt(text, 0, { ecmaVersion: "latest" });
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function shapeOf(part: unknown, nameOf: (name: string) => string): unknown {
  if (typeof part === "bigint") return `${part}n`;
  if (Array.isArray(part)) return part.map((each) => shapeOf(each, nameOf));
  if (typeof part !== "object" || part === null || part instanceof RegExp) return part;
  const node = part as Readonly<Record<string, unknown>> & Partial<Node>;
  if (node.type === "Identifier") return { type: node.type, name: nameOf(node.name as string) };
  const own = node.computed === true ? undefined : PROPERTY_NAMES[node.type ?? ""];
  const kept = Object.entries(node).filter(([name]) => !LAYOUT.has(name));
  return Object.fromEntries(
    kept.map(([name, each]) => [name, shapeOf(each, name === own ? (written) => written : nameOf)]),
  );
}

/** Names without the numbers at their ends, and which of those that differ by them alone it is, in order of appearance. */
function createNames(): (name: string) => string {
  const families = new Map<string, string[]>();
  return (name) => {
    const family = name.replace(/\d+$/, "");
    const names = families.get(family) ?? [];
    families.set(family, names);
    if (!names.includes(name)) names.push(name);
    return `${family} ${names.indexOf(name)}`;
  };
}
