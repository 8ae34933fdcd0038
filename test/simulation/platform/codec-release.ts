import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { IMAGE_VERSION } from "../../../lib/engine/state/image-header.ts";

/**
 * The next version of the state format, as a rollout needs it: another version byte and other bytes behind it. What a
 * release reads of it is turned back to the version that the code under test knows; a release that does not read it is
 * given it as it is.
 */
const NEXT_VERSION = IMAGE_VERSION + 1;

/** Whether a release reads the next version, and whether it writes it. */
export interface CodecRelease {
  readonly reads: boolean;
  readonly writes: boolean;
}

type Item = Readonly<Record<string, AttributeValue>>;

/** An item as a release writes it. */
export function writtenBy({ writes }: CodecRelease, item: Item): Item {
  const image = item.image?.B;
  if (!writes || image === undefined || image[0] !== IMAGE_VERSION) return item;
  return { ...item, image: { B: transcode(image, NEXT_VERSION) } };
}

/** Whether a release meets a version that it does not read. */
export function isUnknownTo({ reads }: CodecRelease, item: Item): boolean {
  return !reads && item.image?.B?.[0] === NEXT_VERSION;
}

/** An item as a release reads it. */
export function readBy({ reads }: CodecRelease, item: Item): Record<string, AttributeValue> {
  const image = item.image?.B;
  if (!reads || image === undefined || image[0] !== NEXT_VERSION) return { ...item };
  return { ...item, image: { B: transcode(image, IMAGE_VERSION) } };
}

/** What can be read of every version. */
export const NEWEST_RELEASE: CodecRelease = { reads: true, writes: true };
export const FIRST_RELEASE: CodecRelease = { reads: false, writes: false };

function transcode(image: Uint8Array, version: number): Uint8Array {
  const other = image.map((byte) => byte ^ 0xa5);
  other[0] = version;
  return other;
}
