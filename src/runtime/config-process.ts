/**
 * The process that reads configuration: parsing and translating never hold up a request, cannot
 * take the proxy down with them, and what they need of memory goes with them. See
 * `config-loader.ts` for the other side.
 */

import { assert } from '../base/assert.ts';
import { describeDefect } from '../base/defect.ts';
import type { ConfigAnswer, ConfigRequest, ConfigStart } from './config-loader.ts';
import { ConfigStore } from './config-store.ts';

function serve(send: (answer: ConfigAnswer) => void): void {
  process.once('message', ({ flags, firstBindablePort }: ConfigStart) => {
    const store = new ConfigStore(flags, firstBindablePort);
    process.on('message', (request: ConfigRequest) => send(answer(store, request)));
  });
  // Signals to the group are the proxy's business; this process ends with its channel.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => undefined);
}

function answer(store: ConfigStore, { files, findings }: ConfigRequest): ConfigAnswer {
  try {
    return { kind: 'outcome', outcome: store.load(files, findings) };
  } catch (error) {
    const message = describeDefect(error as Error, 'while reading the configuration');
    return { kind: 'defect', message };
  }
}

assert(process.send !== undefined, 'runs as a child of the proxy only');
serve((message) => {
  // Nobody is left to read it: the proxy has ended, which is the end of this process, too.
  process.send?.(message, undefined, undefined, (error: Error | null) => {
    if (error !== null) process.exit();
  });
});
