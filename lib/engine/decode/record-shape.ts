import { decimalOf } from "./decimal.ts";
import type { ScalarField } from "./scalar-field.ts";

/** Text without escapes, in ASCII: where it ends and what it holds can be told without decoding. */
const PLAIN_TEXT = "[ !#-\\[\\]-\\x7f]*";
const NUMBER = "-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?";
const SCALAR = `"${PLAIN_TEXT}"|${NUMBER}|true|false|null`;

/** One member of a flat object: what stands before its value, its key, and its value. */
const MEMBER = new RegExp(
  `([{,][ \\t\\n\\r]*"(${PLAIN_TEXT})"[ \\t\\n\\r]*:[ \\t\\n\\r]*)(?:${SCALAR})`,
  "y",
);
const LEADING_SPACE = /[ \t\n\r]*/y;

/** Records of more members are left to `JSON.parse`. */
const MAX_MEMBERS = 256;

/** A field whose value a shape's pattern captures. */
interface CapturedField {
  readonly field: ScalarField;
  readonly capture: number;
}

/**
 * How one producer writes its records: the keys, their order and the spaces around them. A record of this shape is
 * matched by one regular expression, which makes strings of wanted values alone; measured at a third of the time of
 * decoding UTF-8 and `JSON.parse`. What does not match is for `JSON.parse` to judge: that the pattern takes JSON texts
 * only, with each key once, is all that it has to hold.
 */
export class RecordShape {
  private constructor(
    private readonly pattern: RegExp,
    private readonly fields: readonly CapturedField[],
  ) {}

  /**
   * The shape of a record; null when it is not flat, a key or a value is not plain, or a field is missing that the schema has to judge.
   *
   * @param text one that `JSON.parse` and the schema took
   */
  static learn(text: string, fields: readonly ScalarField[]): RecordShape | null {
    const keys: string[] = [];
    let source = "";
    const start = matchAt(LEADING_SPACE, text, 0)!;
    let at = start[0].length;
    source += start[0];
    const captured: CapturedField[] = [];
    for (let member = matchAt(MEMBER, text, at); member !== null; member = matchAt(MEMBER, text, at)) {
      const [whole, before, key] = member as unknown as [string, string, string];
      // JSON.parse keeps the last of equal keys.
      if (keys.includes(key) || key === "__proto__" || keys.length === MAX_MEMBERS) return null;
      keys.push(key);
      const field = fields.find(({ name }) => name === key);
      source += literal(before) + (field === undefined ? `(?:${SCALAR})` : capturing(field));
      if (field !== undefined) captured.push({ field, capture: captured.length + 1 });
      at += whole.length;
      const space = matchAt(LEADING_SPACE, text, at)![0];
      source += space;
      at += space.length;
    }
    if (!/^\}[ \t\n\r]*$/.test(text.slice(at)) || keys.length === 0) return null;
    const found = new Map(captured.map((each) => [each.field, each]));
    // The row has its fields in the schema's order, as zod gives them.
    const ordered = fields.flatMap((field) => found.get(field) ?? []);
    if (fields.some((field) => !field.optional && !found.has(field))) return null;
    return new RecordShape(new RegExp(`^${source}${literal(text.slice(at))}$`), ordered);
  }

  /** The row of a record of this shape; null for any other record, or one that the schema may refuse. */
  read(text: string): Record<string, unknown> | null {
    const match = this.pattern.exec(text);
    if (match === null) return null;
    const { fields } = this;
    const row: Record<string, unknown> = {};
    for (let i = 0; i < fields.length; i++) {
      const { field, capture } = fields[i]!;
      const token = match[capture]!;
      if (field.form === "text") row[field.name] = token;
      else if (field.form === "number") {
        const value = decimalOf(token);
        if (!Number.isFinite(value)) return null;
        row[field.name] = value;
      } else {
        const value = parsedBy(field, scalarOf(token));
        if (value === REFUSED) return null;
        row[field.name] = value;
      }
    }
    return row;
  }
}

const REFUSED = Symbol("refused");

function parsedBy({ schema }: ScalarField, value: unknown): unknown {
  try {
    const result = schema!.safeParse(value);
    return result.success ? result.data : REFUSED;
  } catch {
    // What it threw is for the parse of the whole record to report.
    return REFUSED;
  }
}

function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function capturing({ form }: ScalarField): string {
  if (form === "text") return `"(${PLAIN_TEXT})"`;
  return form === "number" ? `(${NUMBER})` : `(${SCALAR})`;
}

function scalarOf(token: string): string | number | boolean | null {
  switch (token[0]) {
    case '"':
      return token.slice(1, -1);
    case "t":
      return true;
    case "f":
      return false;
    case "n":
      return null;
    default:
      return decimalOf(token);
  }
}
