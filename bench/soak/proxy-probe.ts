/**
 * Loaded into the proxy before its own modules (`--import`, with `--expose-gc`): collects garbage
 * and counts objects when it is told to, so that what is left is what is held.
 */

import { Socket } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { queryObjects } from 'node:v8';

/** Asked: collect the garbage; with `counts` also count what is alive. */
export interface ProbeRequest {
  readonly counts: boolean;
}

/** Living objects by what they are; empty when they were not asked for. */
export type ProbeAnswer = Readonly<Record<string, number>>;

type Constructor = abstract new (...args: never[]) => unknown;

/** Modules below the one that the process was started with, and the class that each exports. */
const classes: Readonly<Record<string, string>> = {
  LiveCluster: 'cluster/live-cluster',
  LiveEndpoint: 'cluster/live-endpoint',
  CompiledRouteTable: 'routing/route-table',
  ActiveListener: 'proxy/listener/active-listener',
  DownstreamConnection: 'proxy/downstream/downstream-connection',
  Stream: 'proxy/stream/stream',
  Router: 'proxy/router/router',
  Http1Connection: 'transport/http1-connection',
};

const main = process.argv[1] ?? '';

async function countAll(): Promise<ProbeAnswer> {
  const counts: Record<string, number> = {};
  for (const [name, path] of Object.entries(classes)) {
    // The proxy has loaded it: this is the same module.
    const url = pathToFileURL(join(dirname(main), `${path}${extname(main)}`));
    const module = (await import(url.href)) as Record<string, Constructor>;
    const found = module[name];
    if (found === undefined) throw new Error(`${url} has no ${name}`);
    counts[name] = count(found);
  }
  // Timers are objects of this class also when they do not keep the process alive.
  const timer = setTimeout(() => undefined, 0);
  const Timeout = timer.constructor as Constructor;
  clearTimeout(timer);
  return { ...counts, Timeout: count(Timeout), Socket: count(Socket) };
}

function count(type: Constructor): number {
  return queryObjects(type as never, { format: 'count' }) as unknown as number;
}

process.on('message', (message: ProbeRequest) => {
  globalThis.gc?.();
  void (message.counts ? countAll() : Promise.resolve({})).then((answer) => process.send?.(answer));
});
// It ends with the soak, whatever ends that.
process.on('disconnect', () => process.exit());
process.channel?.unref();
