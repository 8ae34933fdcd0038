import {
  InternalServerError,
  ProvisionedThroughputExceededException,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { SYSTEM_KEY_PREFIX } from "../../online/items.ts";
import { answerMetadata, type Command } from "../models/answer.ts";
import type { Send } from "../models/clients.ts";
import type { TableModel } from "../models/table-model.ts";
import type { FaultInjector } from "./fault-injector.ts";

/** A process that folds, as the table sees it. */
export interface TableCaller {
  /** It died: nothing reaches it any more, and nothing that it still wanted to send leaves it. */
  readonly isGone: boolean;
  die(): void;
}

/** The table as a process that folds sees it. */
export function tableOfAggregator(model: TableModel, faults: FaultInjector, caller: TableCaller): Send {
  return async (command) => {
    if (caller.isGone) return never();
    if (faults.isTableOut) throw outage();
    if (faults.take("throttle") !== null) throw throttled();
    if (!writesItem(command)) return model.send(command);
    const crash = faults.take("crash");
    if (crash !== null) {
      if (crash.at !== "before-write") await model.send(command);
      caller.die();
      return never();
    }
    const doubt = faults.take("write-in-doubt");
    if (doubt !== null) {
      if (doubt.applied) await model.send(command);
      throw unanswered();
    }
    return model.send(command);
  };
}

/** The table as readers see it. */
export function tableOfReader(model: TableModel, faults: FaultInjector): Send {
  return async (command) => {
    if (faults.isTableOut) throw outage();
    return model.send(command);
  };
}

/** Whether a command writes an entity's state: not progress, nor what is known of a stream. */
function writesItem(command: Command): boolean {
  return command instanceof PutItemCommand && !command.input.Item!.pk!.S!.startsWith(SYSTEM_KEY_PREFIX);
}

const never = () => new Promise<never>(() => {});

const throttled = () =>
  new ProvisionedThroughputExceededException({
    message: "The level of configured provisioned throughput for the table was exceeded.",
    $metadata: answerMetadata(400),
  });

const outage = () =>
  new InternalServerError({ message: "Internal server error", $metadata: answerMetadata(500) });

function unanswered(): Error {
  const error = new Error("The request timed out.");
  error.name = "TimeoutError";
  return error;
}
