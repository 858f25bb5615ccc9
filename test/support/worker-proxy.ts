/** A proxy of two workers in front of one origin, and what its admin API says of them. */

import { type EdgeProxy, type EdgeProxyOptions, startEdgeProxy } from './edge-proxy.ts';
import { getRequest, RawConnection } from './raw-client.ts';

export function startWorkers(options: EdgeProxyOptions): Promise<EdgeProxy> {
  return startEdgeProxy({
    ...options,
    startupMs: 60_000,
    args: ['--concurrency', '2', '--seed', '1', ...(options.args ?? [])],
  });
}

export interface ShownWorker {
  readonly number: number;
  readonly pid: number;
}

export async function workersOf({ proxy }: EdgeProxy): Promise<readonly ShownWorker[]> {
  const { body } = await proxy.admin('/workers');
  return (JSON.parse(body) as { workers: ShownWorker[] }).workers;
}

export async function isReady({ proxy }: EdgeProxy): Promise<boolean> {
  return (await proxy.admin('/ready')).status === 200;
}

/** One number of /stats, 0 where nothing is shown. */
export async function statOf({ proxy }: EdgeProxy, name: string): Promise<number> {
  const { body } = await proxy.admin('/stats');
  const line = body.split('\n').find((each) => each.startsWith(`${name}: `));
  return Number(line?.slice(name.length + 2) ?? 0);
}

/** Asks on a connection that goes on; returns the status. */
export async function ask(connection: RawConnection): Promise<number> {
  connection.write(getRequest('/', 'a'));
  return (await connection.readResponse()).status;
}

/** Many enough that the kernel has given some of them to each worker. */
export async function connectMany(port: number, count = 40): Promise<RawConnection[]> {
  return Promise.all(Array.from({ length: count }, () => RawConnection.connect({ port })));
}
