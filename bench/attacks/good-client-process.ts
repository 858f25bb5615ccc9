/** The client that behaves, as a process of its own: an order a line, its answers a line of JSON. */

import { createInterface } from 'node:readline';
import { type Order, sendGoodLoad } from './good-load.ts';

for await (const line of createInterface({ input: process.stdin })) {
  // Otherwise it would come in the middle of a measurement.
  globalThis.gc?.();
  const answers = await sendGoodLoad(JSON.parse(line) as Order);
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
