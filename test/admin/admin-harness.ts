/** The admin API over a running state that is made up, on a real socket. */

import type { Test } from 'tap';
import { AdminServer } from '../../src/admin/admin-server.ts';
import { testState } from './running-state-fixture.ts';

/** For pages that do not throw. */
export function onError(error: Error): void {
  throw error;
}

export async function startAdmin(t: Test, state = testState()) {
  const server = new AdminServer(state, { onError });
  const bound = await server.listen('127.0.0.1', 0);
  if (!bound.ok) throw bound.error;
  t.teardown(() => server.close());
  const { port } = bound.value;
  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const body = await response.text();
    return { status: response.status, type: response.headers.get('content-type'), body };
  };
  const post = (path: string) => call(path, { method: 'POST' });
  const json = async (path: string): Promise<unknown> => JSON.parse((await call(path)).body);
  return { state, server, port, call, post, json };
}
