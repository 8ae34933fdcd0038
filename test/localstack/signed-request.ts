import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { request } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";

/** SHA-256 as the signer wants it: of bytes, or keyed. */
class Sha256 {
  private readonly state: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = secret === undefined || typeof secret === "string" ? secret : Buffer.from(bytesOf(secret));
    this.state = key === undefined ? createHash("sha256") : createHmac("sha256", key);
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.state.update(typeof data === "string" ? data : bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.state.digest();
  }

  reset(): void {
    throw new Error("the signer uses each once");
  }
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Posts JSON to a function's URL, signed as IAM wants it. The request goes to the server's own endpoint, which tells
 * functions by the host that is asked.
 */
export async function postSigned(
  url: URL,
  body: object,
  { endpoint, region, accessKeyId, secretAccessKey }: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly answer: Record<string, unknown> }> {
  const text = JSON.stringify(body);
  const signer = new SignatureV4({
    service: "lambda",
    region: region!,
    credentials: { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! },
    sha256: Sha256,
  });
  const { method, headers } = await signer.sign({
    method: "POST",
    protocol: "https:",
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host, "content-type": "application/json" },
    body: text,
  });
  const { hostname, port } = new URL(endpoint!);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: url.pathname, method, headers }, (response) => {
      let received = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        received += part;
      });
      response.on("end", () => {
        try {
          resolve({ status: response.statusCode!, answer: JSON.parse(received) });
        } catch (cause) {
          reject(new Error(`no JSON was answered: ${received.slice(0, 500)}`, { cause }));
        }
      });
    });
    asked.once("error", reject);
    asked.end(text);
  });
}
