/**
 * The process that reads configuration: parsing and translating never hold up a request, cannot
 * take the proxy down with them, and what they need of memory goes with them. See
 * `config-loader.ts` for the other side.
 */

import { assert } from '../base/assert.ts';
import type { ConfigRequest, ConfigStart } from './config-loader.ts';
import { ConfigStore } from './config-store.ts';

function serve(answer: (outcome: unknown) => void): void {
  process.once('message', ({ flags, privilegedPorts }: ConfigStart) => {
    const store = new ConfigStore(flags, privilegedPorts);
    process.on('message', ({ files, findings }: ConfigRequest) => {
      answer(store.load(files, findings));
    });
  });
  // Signals to the group are the proxy's business; this process ends with its channel.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => undefined);
}

assert(process.send !== undefined, 'runs as a child of the proxy only');
serve((outcome) => process.send?.(outcome));
