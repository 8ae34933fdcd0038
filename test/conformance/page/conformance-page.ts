import { createRequire } from "node:module";
import { MINISTACK_VERSION } from "../../../localstack/ministack.ts";
import { DYNAMODB_LOCAL_VERSION } from "../dynamodb-local/install.ts";
import { streamDeviations } from "../servers/stream-deviations.ts";
import { tableDeviations } from "../servers/table-deviations.ts";
import { streamSuite } from "../stream/checks.ts";
import { tableSuite } from "../table/checks.ts";
import { checksTable } from "./tables.ts";

const require = createRequire(import.meta.url);
const versionOf = (name: string): string => require(`${name}/package.json`).version;
const MINISTACK = { heading: `ministack ${MINISTACK_VERSION}`, servers: ["ministack"] };

/** The whole of docs/conformance.md. */
export function conformancePage(): string {
  return `# Conformance

<!-- Written by \`npm run docs:conformance\` from test/conformance: change the checks and the deviations there, not this page. -->

What the store, the poller and the producer rely on of DynamoDB and Kinesis is written down once, as checks, and every
server that stands in for AWS is held to them. Where a server differs, the difference is declared and checked as well: a
server that mends it fails until its declaration goes. No check passes by being skipped.

| server | checked by |
| --- | --- |
| the models in memory, dynalite, kinesalite | \`npm test\` |
| ministack, its clock moved where a check asks for time to pass | \`npm run test:localstack\` |
| DynamoDB Local, fetched from Maven Central when it is run, and never shipped; Java 17 and Maven | \`npm run test:dynamodb-local\` |
| another, or AWS itself | its endpoint, or \`aws\`, in \`FRESHET_CONFORMANCE_DYNAMODB\` and \`FRESHET_CONFORMANCE_KINESIS\` |

No account was at hand: what AWS does is what its pages say. Where they leave the name of an exception open, it is the one
that dynalite and kinesalite have, which were written against the services. On AWS two checks of Kinesis, of what it forgets
in time, are skipped, and say so: its clock cannot be moved.

## DynamoDB

${checksTable({
  heading: "what the store relies on",
  checks: tableSuite,
  deviations: tableDeviations,
  columns: [
    { heading: "the model", servers: ["the table model"] },
    { heading: `dynalite ${versionOf("dynalite")}`, servers: ["dynalite"] },
    MINISTACK,
    { heading: `DynamoDB Local ${DYNAMODB_LOCAL_VERSION}`, servers: ["DynamoDB Local"] },
  ],
})}

## Kinesis

The model has two settings that AWS leaves open: whether a child's sequence numbers begin below its parent's last, and
whether a closed shard ends with its last records or a page later. Both hold.

${checksTable({
  heading: "what the poller and the producer rely on",
  checks: streamSuite,
  deviations: streamDeviations,
  columns: [
    {
      heading: "the models",
      servers: [
        "the stream model",
        "the stream model, children below their parents, ended by the last records",
      ],
    },
    { heading: `kinesalite ${versionOf("kinesalite")}`, servers: ["kinesalite"] },
    MINISTACK,
  ],
})}

## What each lacks beyond these, and what covers it instead

**The models** are what the simulation runs on: what they got wrong, it would get wrong too. So beside the checks they are
compared with dynalite and kinesalite over random commands (\`test/conformance/differential\`). They have no network: calls
that fail, come twice or come late are put before them by \`test/simulation/faults\`.

**dynalite and kinesalite** are the embedded runtime's. They throttle nothing, expire nothing by TTL, know no transactions,
no streams on demand and no \`UpdateShardCount\`: what is throttled, half done or unprocessed is covered by
\`test/online/dynamo-state-store.test.ts\` behind a proxy that fails (\`test/online/fixtures/faulty-proxy.ts\`), expiry by
\`test/engine/fold-boundaries.test.ts\`, since the engine never trusts that DynamoDB has deleted. That the item of a refused
write comes with the refusal is covered by the model, ministack and DynamoDB Local. A Lambda's event source mapping they do
not have at all: the embedded one is the kit's own, held by \`test/local/poller\`.

**ministack** deploys the whole stack and runs it. Nothing is concluded from it about retries: it takes no notice of partial
batch responses, so that a batch counts as done, and has no maximum of retries, no bisected batches, no on-failure
destination and no parallelisation factor. These are covered by \`test/local/poller\`, \`test/simulation\` and, for what is
deployed, \`test/constructs\`. It forgets a shard when it is split: resharding is covered by
\`test/local/runtime-reshard.test.ts\`, \`test/local/poller/reshard.test.ts\` and \`test/simulation\`. It leaves no key
unprocessed: dynalite and DynamoDB Local do. Its Firehose calls the transform with one record at a time and without
\`kinesisRecordMetadata\`: \`test/functions/history-transform.test.ts\`.

**DynamoDB Local** is the most faithful of a table, and a table is all it is. It throttles nothing, listens on all interfaces,
and is therefore run in a network namespace of its own.

**AWS** alone has real throttling, partitions that split, replicas that lag and clocks of several machines. The simulation
puts such faults before the models; nothing here has run there.
`;
}
