import { answered } from "../../../examples/clicks/read/answered.ts";
import type { Difference } from "../../../examples/command/difference.ts";
import { client } from "../../../lib/client/index.ts";
import type { FeatureValue } from "../../../lib/define/types.ts";
import type { ViewCounts } from "../../../lib/online/counts.ts";
import { payer, shop } from "../definitions.ts";
import { accountName, MERCHANTS, merchantName } from "../load/payments.ts";
import type { Recount, RecountedFeatures } from "./recount.ts";

/** What was compared, and what was found to be other than it should. */
export interface Verdict {
  readonly differences: readonly Difference[];
  /** Values compared. */
  readonly values: number;
}

/** Keys of a request: few enough for a machine that is busy with other things as well. */
const READ_AT_ONCE = 200;
const READ_TIMEOUT_MS = 120_000;
const READ_ATTEMPTS = 10;

/** Reads every key over the API, and the counts of what is stored, and holds them to the recount. */
export async function verify(options: {
  readonly url: string;
  readonly keys: number;
  readonly momentMs: number;
  readonly counts: Readonly<Record<string, ViewCounts>>;
  readonly recount: Recount;
}): Promise<Verdict> {
  const { url, keys, momentMs, counts, recount } = options;
  const differences: Difference[] = [];
  let values = 0;
  const compare = (
    at: Pick<Difference, "check" | "subject">,
    feature: string,
    expected: FeatureValue,
    actual: FeatureValue | undefined,
  ): void => {
    values += 1;
    if (expected !== actual) differences.push({ ...at, asOfMs: momentMs, feature, expected, actual });
  };
  const compareAnswer = (subject: string, expected: RecountedFeatures | undefined, answer: Answer): void => {
    const at = { check: "read", subject };
    compare(at, "known", expected !== undefined, answer.known);
    compare(at, "as-of time", momentMs, Date.parse(answer.asOf));
    compare(at, "is fresh", true, answer.status === "fresh" || answer.status === "warming");
    for (const [name, actual] of Object.entries(answer.features)) {
      compare(at, name, expected?.[name] ?? emptyValue(name), actual);
    }
  };

  const settings = { url, timeoutMs: READ_TIMEOUT_MS, attempts: READ_ATTEMPTS };
  const payers = client(payer, settings);
  for (let from = 0; from < keys; from += READ_AT_ONCE) {
    const count = Math.min(READ_AT_ONCE, keys - from);
    const accounts = Array.from({ length: count }, (_, index) => accountName(from + index));
    const answers = await payers.featuresMany(accounts.map((account) => ({ keys: { account } })));
    for (const [index, { account }] of answered(answers).entries()) {
      compareAnswer(accounts[index]!, recount.accounts.get(accounts[index]!), account);
    }
  }
  const merchants = Array.from({ length: MERCHANTS }, (_, index) => merchantName(index));
  const shops = await client(shop, settings).featuresMany(
    merchants.map((merchant) => ({ keys: { merchant } })),
  );
  for (const [index, { merchant, all }] of answered(shops).entries()) {
    compareAnswer(merchants[index]!, recount.merchants.get(merchants[index]!), merchant);
    compareAnswer("all", recount.all, all);
  }

  const of = (fate: string) => recount.fates[fate] ?? 0;
  const quarantined = of("future") + of("garbled");
  for (const [view, found] of Object.entries(counts)) {
    const at = { check: "count", subject: view };
    const late = view === "account_payments@1" ? 0 : of("late");
    compare(at, "folded", of("counts") + of("late") - late, found.folded);
    compare(at, "duplicate", of("repeat"), found.duplicate);
    compare(at, "late", late, found.late);
    compare(at, "late entries", late, found.lateEntries);
    compare(at, "quarantined", quarantined, found.quarantined);
  }
  return { differences, values };
}

interface Answer {
  readonly known: boolean;
  readonly asOf: string;
  readonly status: string;
  readonly features: Readonly<Record<string, FeatureValue>>;
}

/** What a feature is for a key that nothing was put for. */
function emptyValue(feature: string): number | null {
  return feature.startsWith("payments_") || feature.startsWith("merchants_") ? 0 : null;
}
