/** Opens the admin API at the start of the proxy, and lends it to one that takes its place. */

import { describeDefect } from '../base/defect.ts';
import { err, ok, type Result } from '../base/result.ts';
import { systemTimers } from '../base/timers.ts';
import type { AdminBinding } from '../config/settings/merge-listeners.ts';
import type { LentAdmin } from '../runtime/takeover/handover.ts';
import type { ListeningHandle } from '../transport/listening-handle.ts';
import { AdminServer, type BoundAddress } from './admin-server.ts';
import { describeBindFailure } from './bind-failure.ts';
import type { RunningState } from './running-state.ts';

export interface OpenAdmin {
  readonly server: AdminServer;
  readonly bound: BoundAddress;
}

/**
 * null: it is off. `inherited`: from the process whose place this one takes. The error says who has
 * the port.
 */
export async function openAdmin(
  state: RunningState,
  address: AdminBinding | null,
  inherited: ListeningHandle | null,
): Promise<Result<OpenAdmin | null, string>> {
  if (address === null) return ok(null);
  const log = state.logs.logger('admin');
  const server = new AdminServer(state, {
    allowedHosts: [address.address, ...address.hosts],
    onError: (error, path) => {
      if (path === null) log.error('no connection can be accepted', { error: error.message });
      else log.error(describeDefect(error, 'in a page'), { path });
    },
  });
  const bound = await server.listen(address.address, address.port, inherited);
  if (bound.ok) return ok({ server, bound: bound.value });
  const { code = '' } = bound.error;
  return err(await describeBindFailure({ ...address, code }, systemTimers));
}

/** For a process that takes the place of this one. `place`: as configured. */
export function lentAdmin({ server, bound }: OpenAdmin, place: AdminBinding | null): LentAdmin {
  return {
    address: place?.address ?? bound.address,
    port: bound.port,
    handle: () => server.handle,
    close: () => server.close(),
  };
}
