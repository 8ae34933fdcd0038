import { quote, refuse } from "./refuse.ts";

/**
 * What a source, view, feature, service, model, alias, key or derived value may be called: a letter, then letters,
 * digits and underscores, at most 64 in all. Names become parts of keys, metrics, stream names and JavaScript
 * property names, and JavaScript reorders properties that look like integers.
 */
export const IDENTIFIER_PATTERN = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/**
 * @throws FreshetError `DEFINITION_INVALID` when the name does not fit {@link IDENTIFIER_PATTERN} or is a property
 *   that every JavaScript object has.
 */
export function checkIdentifier(place: string, name: unknown): void {
  if (typeof name !== "string" || !IDENTIFIER_PATTERN.test(name)) {
    refuse(
      place,
      `${quote(name)} is not a name; write a letter, then letters, digits and underscores, at most 64 characters.`,
    );
  }
  if (name in {})
    refuse(place, `${quote(name)} is a property of every JavaScript object; choose another name.`);
}

/** @throws FreshetError `DEFINITION_INVALID` when the version is not a whole number from 1 to 999,999. */
export function checkVersion(place: string, version: unknown): void {
  if (!Number.isInteger(version) || (version as number) < 1 || (version as number) > 999_999) {
    refuse(place, `version is ${quote(version)}; write a whole number from 1 to 999999.`);
  }
}
