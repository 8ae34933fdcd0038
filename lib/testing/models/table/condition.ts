import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { copyItem, type Item, sameAttribute } from "./attribute.ts";
import { validationError } from "./table-errors.ts";

/** An item's attribute or a value given. */
type Operand = { readonly attribute: string } | { readonly value: AttributeValue };

type Term =
  | { readonly kind: "exists"; readonly attribute: string; readonly wanted: boolean }
  | { readonly kind: "equal"; readonly left: Operand; readonly right: Operand };

/** Whether an item, or none, meets a condition. */
export type Condition = (item: Item | undefined) => boolean;

export interface ConditionInput {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

const TOKEN = /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|([(),=]))/y;

/**
 * Reads a condition of the grammar that the store writes: terms joined by AND, each `attribute_not_exists(path)`,
 * `attribute_exists(path)` or `operand = operand`, a path being a name or a `#placeholder`.
 *
 * @throws the server's ValidationException for placeholders without a meaning or without a use, or a bad number.
 * @throws Error for whatever else DynamoDB's own grammar has: the model does not know it.
 */
export function parseCondition(input: ConditionInput): Condition {
  const { ConditionExpression: text, ExpressionAttributeNames, ExpressionAttributeValues } = input;
  const names = new Map(Object.entries(ExpressionAttributeNames ?? {}));
  const values = new Map(Object.entries(copyItem(ExpressionAttributeValues ?? {})));
  if (text === undefined) {
    if (names.size > 0) {
      throw validationError("ExpressionAttributeNames can only be specified when using expressions");
    }
    if (values.size > 0) {
      throw validationError(
        "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null",
      );
    }
    return () => true;
  }
  if (text.trim() === "") {
    throw validationError("Invalid ConditionExpression: The expression can not be empty;");
  }

  const tokens = tokenize(text);
  const used = new Set<string>();
  let at = 0;
  const unknown = () => new Error(`the table model does not know the condition ${text}.`);
  const take = (): string => {
    const token = tokens[at++];
    if (token === undefined) throw unknown();
    return token;
  };
  const expect = (wanted: string) => {
    if (take() !== wanted) throw unknown();
  };
  const meaning = <Value>(of: ReadonlyMap<string, Value>, token: string, kind: string): Value => {
    used.add(token);
    const found = of.get(token);
    if (found === undefined) {
      throw validationError(
        `Invalid ConditionExpression: An expression attribute ${kind} used in expression is not defined; attribute ${kind}: ${token}`,
      );
    }
    return found;
  };
  const path = (): string => {
    const token = take();
    if (token.startsWith("#")) return meaning(names, token, "name");
    if (!/^[A-Za-z]/.test(token)) throw unknown();
    return token;
  };
  const operand = (): Operand => {
    if (!tokens[at]?.startsWith(":")) return { attribute: path() };
    return { value: meaning(values, take(), "value") };
  };
  const term = (): Term => {
    const word = tokens[at];
    if (word === "attribute_not_exists" || word === "attribute_exists") {
      at++;
      expect("(");
      const attribute = path();
      expect(")");
      return { kind: "exists", attribute, wanted: word === "attribute_exists" };
    }
    const left = operand();
    expect("=");
    return { kind: "equal", left, right: operand() };
  };

  const terms = [term()];
  while (at < tokens.length) {
    if (take().toUpperCase() !== "AND") throw unknown();
    terms.push(term());
  }
  refuseUnused("ExpressionAttributeNames", names, used);
  refuseUnused("ExpressionAttributeValues", values, used);
  return (item) => terms.every((one) => holds(one, item));
}

function tokenize(text: string): string[] {
  const trimmed = text.trimEnd();
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed);
    if (match === null) throw new Error(`the table model does not know the condition ${text}.`);
    tokens.push(match[0].trim());
  }
  return tokens;
}

function refuseUnused(field: string, given: ReadonlyMap<string, unknown>, used: ReadonlySet<string>): void {
  const unused = [...given.keys()].filter((name) => !used.has(name));
  if (unused.length > 0) {
    throw validationError(`Value provided in ${field} unused in expressions: keys: {${unused.join(", ")}}`);
  }
}

function holds(term: Term, item: Item | undefined): boolean {
  if (term.kind === "exists") return (item?.[term.attribute] !== undefined) === term.wanted;
  const [left, right] = [operandValue(term.left, item), operandValue(term.right, item)];
  return left !== undefined && right !== undefined && sameAttribute(left, right);
}

function operandValue(operand: Operand, item: Item | undefined): AttributeValue | undefined {
  return "value" in operand ? operand.value : item?.[operand.attribute];
}
