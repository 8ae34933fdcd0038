/** Iterators and list tokens live this long. */
const LIFETIME_MS = 300_000;

/** Writes what only the server reads. */
export function writeToken(content: Readonly<Record<string, string | number>>): string {
  return Buffer.from(JSON.stringify(content)).toString("base64url");
}

/** What {@link writeToken} wrote; undefined for anything else. */
export function readToken<Content>(
  token: string,
  isContent: (value: unknown) => value is Content,
): Content | undefined {
  try {
    const content: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    return isContent(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

export function hasExpired(issuedMs: number, nowMs: number): boolean {
  return nowMs - issuedMs > LIFETIME_MS;
}
