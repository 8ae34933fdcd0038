/** A name that may break after underscores and before its version: `destination_arrivals@1` on a phone. */
export function brokenName(name: string): (Node | string)[] {
  return name
    .split(/(?<=_)|(?=@)/)
    .flatMap((part, index) => (index === 0 ? [part] : [document.createElement("wbr"), part]));
}
