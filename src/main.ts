#!/usr/bin/env node
/** Hands the command line to `cli/`, which is loaded only where Node is new enough for it. */

const oldestNode = 24;

if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  process.stderr.write(`sluice: needs Node ${oldestNode} or later, this is ${process.version}\n`);
  process.exitCode = 1;
} else {
  const { runCommandLine } = await import('./cli/main.ts');
  process.exitCode = await runCommandLine(process.argv.slice(2));
}

export {};
