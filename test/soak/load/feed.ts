import { createWriteStream } from "node:fs";
import { embeddedKinesisClient } from "../../../lib/local/embedded-clients.ts";
import { withoutNodeVersionNotice } from "../../../lib/local/node-version-notice.ts";
import { createStreamProducer } from "../../../lib/local/producer/stream-producer.ts";
import { payments } from "../definitions.ts";
import type { Delivery } from "./payment.ts";

/** Puts records to the stream, as a producer past the runtime does, and keeps what it put for the recount. */
export interface Feed {
  /** Resolves once the stream has taken them. */
  put(deliveries: readonly Delivery[]): Promise<void>;
  /** Records taken so far. */
  readonly taken: number;
  /** Ends the file. */
  close(): Promise<void>;
}

/** @param options.file - gets a line a record: fate, id, account, merchant, cents, at, separated by commas. */
export function openFeed(options: {
  readonly endpoint: string;
  readonly streamName: string;
  readonly file: string;
}): Feed {
  const { endpoint, streamName } = options;
  withoutNodeVersionNotice();
  const kinesis = embeddedKinesisClient(endpoint);
  const producer = createStreamProducer({
    kinesis,
    streamName,
    source: payments,
    refusesSingleRecords: false,
  });
  const file = createWriteStream(options.file);
  let taken = 0;
  return {
    async put(deliveries) {
      const lines = deliveries.map(({ fate, payment: { id, account, merchant, cents, at } }) =>
        [fate, id, account, merchant, cents, at].join(","),
      );
      file.write(`${lines.join("\n")}\n`);
      await producer.putRecords(
        deliveries.map((delivery) => ({
          data: bytesOf(delivery),
          partitionKey: delivery.payment.account,
        })),
      );
      taken += deliveries.length;
    },
    get taken() {
      return taken;
    },
    async close() {
      kinesis.destroy();
      await new Promise<void>((resolve, reject) => {
        file.once("error", reject);
        file.end(resolve);
      });
    },
  };
}

function bytesOf({ fate, payment }: Delivery): Uint8Array {
  const text = JSON.stringify(payment);
  return Buffer.from(fate === "garbled" ? text.slice(0, -1) : text);
}
