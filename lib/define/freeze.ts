/**
 * Freezes a list or plain object and all that it holds, in place. Other objects, such as dates and bytes, stay as they
 * are: they cannot all be frozen.
 */
export function freezeDeep<T>(value: T): T {
  // What is frozen was frozen here, through and through; that also ends circles.
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) {
    Object.freeze(value);
    for (const each of value) if (typeof each === "object") freezeDeep(each);
    return value;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  Object.freeze(value);
  for (const name in value) if (typeof value[name] === "object") freezeDeep(value[name]);
  return value;
}

/** What JavaScript says of a change to what is frozen. */
const FROZEN = /^Cannot (?:delete|redefine) |^Cannot .* (?:read only|not extensible)/;

/** Whether a function of the user's threw because it changed what is frozen. */
export function isFrozenWrite(error: unknown): error is TypeError {
  return error instanceof TypeError && FROZEN.test(error.message);
}

/** What such a function must do instead. */
export const FROZEN_ADVICE = "what it is given is frozen, so copy a list or record before changing it";
