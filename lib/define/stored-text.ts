/** A longer text is cut to this many bytes of UTF-8, at a character's edge: a tile's size must have a bound (R15). */
export const MAX_TEXT_BYTES = 256;
