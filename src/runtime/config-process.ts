/**
 * The process that reads configuration: parsing and translating never hold up a request, cannot
 * take the proxy down with them, and what they need of memory goes with them. See
 * `config-loader.ts` for the other side.
 */

import { assert } from '../base/assert.ts';
import type { ConfigMessage } from './config-loader.ts';
import { ConfigStore } from './config-store.ts';

assert(process.send !== undefined, 'runs as a child of the proxy only');
let store: ConfigStore | null = null;

process.on('message', (message: ConfigMessage) => {
  if (message.kind === 'start') {
    store = new ConfigStore(message.flags, message.privilegedPorts);
    return;
  }
  process.send?.(store?.load(message.files, message.findings));
});
// Signals to the group are the proxy's business; this process ends with its channel.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('SIGHUP', () => undefined);
