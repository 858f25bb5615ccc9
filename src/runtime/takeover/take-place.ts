/** What a start does when it takes the place of a proxy that runs, and what it does when it does not. */

import { err, ok, type Result } from '../../base/result.ts';
import { systemTimers } from '../../base/timers.ts';
import type { SocketAddress } from '../../config/proxy-settings.ts';
import type { ProxyContext } from '../../proxy/proxy-context.ts';
import type { LogRoot } from '../../telemetry/logger.ts';
import { ListeningSocket } from '../../transport/listening-socket.ts';
import type { Takeover } from './takeover.ts';

/** The admin API of the proxy whose place is taken; `same-admin`: the one of this proxy. */
export type Predecessor = 'same-admin' | SocketAddress;

interface Wish {
  readonly takeover?: Predecessor | undefined;
  /** Processes that will serve. */
  readonly concurrency: number;
}

/** `admin`: where the admin API of this proxy is. null: there is nobody whose place is to be taken. */
export async function takeOver(
  { takeover, concurrency }: Wish,
  admin: SocketAddress | null,
): Promise<Result<Takeover | null, string>> {
  if (takeover === undefined) return ok(null);
  const from = takeover === 'same-admin' ? admin : takeover;
  if (from === null) {
    return err(
      'the admin API is off: say where that of the running proxy is, --takeover ADDR:PORT',
    );
  }
  const { beginTakeover } = await import('./takeover.ts');
  return beginTakeover(from, concurrency, systemTimers);
}

/** All is ready: from here on this process serves, and the other one goes. */
export async function completeTakeover(
  takeover: Takeover | null,
  logs: LogRoot,
): Promise<Result<void, string>> {
  if (takeover === null) return ok(undefined);
  const started = await takeover.sockets.start();
  if (!started.ok) return err(`--takeover: cannot listen: ${started.error.message}`);
  takeover.sockets.closeRest();
  await takeover.complete(logs.logger('takeover'));
  return ok(undefined);
}

/** undefined: in the usual way. */
export function listenOn(takeover: Takeover | null): ProxyContext['listen'] {
  if (takeover === null) return undefined;
  return async (options) => {
    const inherited = takeover.sockets.open(options);
    return inherited === null ? ListeningSocket.open(options) : ok(inherited);
  };
}
