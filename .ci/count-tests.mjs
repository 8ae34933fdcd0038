// Prints "PASSED FAILED" of a vitest JSON report. A skipped or unfinished test counts as failed: nothing passes by skipping.
import { readFileSync } from "node:fs";

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const suitesThatDidNotLoad = report.testResults.filter(
  (file) => file.status === "failed" && file.assertionResults.every((test) => test.status === "passed"),
).length;
const failed = report.numTotalTests - report.numPassedTests + suitesThatDidNotLoad;
if (report.numTotalTests === 0) process.exit(1);
console.log(`${report.numPassedTests} ${failed}`);
