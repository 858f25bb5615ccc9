/** Listeners that whoever asks means: by name, of the mesh, of a Gateway, or all. */

import { err, ok, type Result } from '../base/result.ts';
import type { AskedClient, Side } from './asked-client.ts';
import type { ExplainedConfig, OpenListener } from './explained-config.ts';

/** The error is a sentence for whoever asked. */
export function listenersOfSide(
  config: ExplainedConfig,
  { listener: name, side }: Pick<AskedClient, 'listener' | 'side'>,
): Result<readonly OpenListener[], string> {
  const all = config.listeners();
  const named = name === null ? all : all.filter(({ listener }) => listener.name === name);
  if (named.length === 0) {
    const names = all.map(({ listener }) => listener.name).join(', ');
    const missing = name === null ? 'no listener' : `no listener "${name}"`;
    return err(`there is ${missing}; there are: ${names || 'none'}`);
  }
  const open = named.filter((one) => isOnSide(one, side));
  return open.length > 0 ? ok(open) : err(missingSide(all, side));
}

function isOnSide({ listener }: OpenListener, side: Side): boolean {
  if (side.kind === 'any') return true;
  if (side.kind === 'mesh') return listener.direction === 'outbound';
  if (listener.direction !== 'gateway') return false;
  const { name: wanted } = side;
  if (wanted === null) return true;
  const origins = [listener.origin, ...listener.filterChains.map(({ origin }) => origin)];
  return origins.some(({ name, namespace }) => [name, `${namespace}/${name}`].includes(wanted));
}

function missingSide(all: readonly OpenListener[], side: Side): string {
  if (side.kind === 'mesh') return 'there is no listener of the mesh';
  const gateways = all.filter(({ listener }) => listener.direction === 'gateway');
  const names = gateways.map(
    ({ listener: { name, origin } }) => `${name} of ${origin.namespace}/${origin.name}`,
  );
  const wanted = side.kind === 'gateway' && side.name !== null ? ` "${side.name}"` : '';
  return `there is no listener of a Gateway${wanted}; there are: ${names.join(', ') || 'none'}`;
}
