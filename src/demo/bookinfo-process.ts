/**
 * Entry point of the child process that runs the bookinfo services: the plan as JSON in the first
 * argument, one message to the parent when they listen or cannot.
 */

import { type BookinfoPlan, startBookinfo } from './bookinfo.ts';

export type BookinfoMessage = { readonly ready: true } | { readonly failed: string };

function report(message: BookinfoMessage): void {
  process.send?.(message);
}

// However the parent ends, the services end with it.
process.once('disconnect', () => process.exit(0));

try {
  await startBookinfo(JSON.parse(process.argv[2] ?? '{}') as BookinfoPlan);
  report({ ready: true });
} catch (error) {
  report({ failed: (error as Error).message });
  process.disconnect?.();
  process.exitCode = 1;
}
