import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  ConditionalCheckFailedException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Command } from "../../../lib/testing/models/answer.ts";
import type { Send } from "../../../lib/testing/models/clients.ts";
import type { TableModel } from "../../../lib/testing/models/table-model.ts";
import type { FaultInjector } from "../faults/injector.ts";
import { createRandom } from "../random.ts";
import type { Scheduler } from "../scheduler.ts";
import { type CodecRelease, FIRST_RELEASE, isUnknownTo, readBy, writtenBy } from "./codec-release.ts";
import type { Caller, Network, TripFault } from "./network.ts";

export const TABLE = "freshet";

/** One call of the table as it was carried out; a write that failed its condition was not applied. */
export interface TableCall {
  /** As {@link Caller.nextCall} named it. */
  readonly name: string;
  readonly caller: Caller;
  readonly site: string;
  /** The item that it writes. */
  readonly writes: Readonly<Record<string, AttributeValue>> | null;
  readonly reads: readonly string[];
  /** Those of them that there are. */
  readonly found: ReadonlyMap<string, Readonly<Record<string, AttributeValue>>>;
  readonly applied: boolean;
}

export interface TablePlatform {
  readonly seed: number;
  readonly scheduler: Scheduler;
  readonly faults: FaultInjector;
  readonly network: Network;
  readonly model: TableModel;
  /** While it is, no call gets through. */
  isOut: boolean;
  /** Told of every write that a caller sends, before it is known what becomes of it. */
  onWrite: (caller: Caller, item: Readonly<Record<string, AttributeValue>>) => void;
  /** Told of every call that was carried out. */
  onCall: (call: TableCall) => void;
}

const NOTHING: TableCall["found"] = new Map();

const metadata = (httpStatusCode: number) => ({ httpStatusCode });
const throttled = () =>
  new ProvisionedThroughputExceededException({
    message: "The level of configured provisioned throughput for the table was exceeded.",
    $metadata: metadata(400),
  });
const serverError = () =>
  new InternalServerError({ message: "Internal server error", $metadata: metadata(500) });
export function timedOut(): Error {
  const error = new Error("The request timed out.");
  error.name = "TimeoutError";
  return error;
}

/** How long a key is refused at a time. */
const REFUSAL_MS = 3 * 60_000;

/** The table as one caller sees it, in the release of the state format that the caller runs. */
export function tableOf(
  platform: TablePlatform,
  caller: Caller,
  release: () => CodecRelease = () => FIRST_RELEASE,
): Send {
  const { network, model } = platform;
  const writes = new Set<string>();
  return (command) => {
    const site = siteOf(command, writes);
    if (command instanceof PutItemCommand) platform.onWrite(caller, command.input.Item!);
    return network.send({
      caller,
      site,
      apply: (name) => carryOut(platform, { name, caller, site, command, release: release() }),
      faultOf: (call) => faultOf(platform, command, call),
    });
  };

  function carryOut(
    { onCall, seed, faults }: TablePlatform,
    call: {
      readonly name: string;
      readonly caller: Caller;
      readonly site: string;
      readonly command: Command;
      readonly release: CodecRelease;
    },
  ): object {
    const { command } = call;
    const read = (item: Readonly<Record<string, AttributeValue>>) => {
      if (isUnknownTo(call.release, item)) faults.saw("skipped-codec-step");
      return readBy(call.release, item);
    };
    const about = { name: call.name, caller: call.caller, site: call.site };
    if (command instanceof PutItemCommand) {
      const asked = command.input.Item!;
      const item = writtenBy(call.release, asked);
      // A command of the SDK takes long to make: its own is handed on where nothing is changed.
      const put = item === asked ? command : new PutItemCommand({ ...command.input, Item: item });
      const answer = model.apply(put);
      const stands =
        !answer.ok && answer.error instanceof ConditionalCheckFailedException ? answer.error.Item : undefined;
      const found = stands === undefined ? NOTHING : new Map([[item.pk!.S!, stands]]);
      onCall({ ...about, writes: item, reads: [], found, applied: answer.ok });
      if (answer.ok) return answer.output;
      if (answer.error instanceof ConditionalCheckFailedException && answer.error.Item !== undefined) {
        answer.error.Item = read(answer.error.Item);
      }
      throw answer.error;
    }
    if (command instanceof BatchGetItemCommand) {
      const { Keys = [], ConsistentRead } = command.input.RequestItems![TABLE]!;
      const isPartial = Keys.length > 1 && faults.fires("unprocessed-keys", call.name);
      const taken = isPartial ? createRandom(seed, "unprocessed", call.name).below(Keys.length) : Keys.length;
      if (taken === 0) return { UnprocessedKeys: { [TABLE]: { Keys, ConsistentRead } } };
      const asked = Keys.slice(0, taken);
      const RequestItems = { [TABLE]: { Keys: asked, ConsistentRead } };
      const answer = model.apply(
        isPartial ? new BatchGetItemCommand({ ...command.input, RequestItems }) : command,
      );
      if (!answer.ok) throw answer.error;
      const output = answer.output as BatchGetItemCommandOutput;
      const found = new Map(output.Responses?.[TABLE]?.map((item) => [item.pk!.S!, item]));
      onCall({ ...about, writes: null, reads: asked.map((key) => key.pk!.S!), found, applied: true });
      const items = (output.Responses?.[TABLE] ?? []).map(read);
      const left = Keys.slice(taken);
      return {
        ...output,
        Responses: { [TABLE]: items },
        ...(left.length === 0 ? {} : { UnprocessedKeys: { [TABLE]: { Keys: left, ConsistentRead } } }),
      };
    }
    const answer = model.apply(command);
    if (!answer.ok) throw answer.error;
    return answer.output;
  }
}

const refusals = new WeakMap<FaultInjector, Map<string, boolean>>();

/** Whether a key's writes are refused in the minutes that hold this moment. */
function isRefused({ faults, scheduler }: TablePlatform, pk: string): boolean {
  if (pk.startsWith("#")) return false;
  let known = refusals.get(faults);
  if (known === undefined) {
    known = new Map();
    refusals.set(faults, known);
  }
  const place = `${pk}/${Math.floor(scheduler.now() / REFUSAL_MS)}`;
  let refused = known.get(place);
  if (refused === undefined) {
    refused = faults.fires("partial-batch-response", place);
    known.set(place, refused);
  }
  return refused && !faults.isCalm;
}

function faultOf(platform: TablePlatform, command: Command, call: string): TripFault | null {
  const { faults } = platform;
  if (platform.isOut) {
    faults.saw("endless-retries");
    return { kind: "refused", error: serverError() };
  }
  if (faults.fires("throttle", call)) return { kind: "refused", error: throttled() };
  if (command instanceof PutItemCommand) {
    if (isRefused(platform, command.input.Item!.pk!.S!)) return { kind: "refused", error: throttled() };
    if (faults.fires("timeout-before-write", call)) {
      return { kind: "unanswered", error: timedOut(), applied: "never" };
    }
    if (faults.fires("timeout-after-write", call)) {
      return { kind: "unanswered", error: timedOut(), applied: "at-once" };
    }
    if (faults.fires("late-write", call)) return { kind: "unanswered", error: timedOut(), applied: "later" };
    if (faults.fires("sdk-retry", call)) return { kind: "repeated" };
  } else if (faults.fires("failed-read", call)) {
    return { kind: "refused", error: serverError() };
  }
  return null;
}

/** Which await of the write path a call is. */
function siteOf(command: Command, written: Set<string>): string {
  if (command instanceof PutItemCommand) {
    const pk = command.input.Item!.pk!.S!;
    if (pk.startsWith("#start")) return "write-start";
    if (pk.startsWith("#views")) return "write-released-views";
    if (pk.startsWith("#")) return pk.startsWith("#progress") ? "write-progress" : "write-control";
    written.add(pk);
    return "write-item";
  }
  if (command instanceof BatchGetItemCommand) {
    const keys = command.input.RequestItems![TABLE]!.Keys!;
    const first = keys[0]!.pk!.S!;
    if (first.startsWith("#start")) return "read-start";
    if (first.startsWith("#views")) return "read-released-views";
    if (first.startsWith("#")) return first.startsWith("#progress") ? "read-progress" : "read-control";
    return keys.length === 1 && written.has(first) ? "read-item-again" : "read-items";
  }
  throw new Error("the write path and the reader send no other commands to the table.");
}
