/**
 * Reloads under load: 200 keep-alive clients ask all the time while the routes change, and no
 * request fails, and afterwards nothing is left over. 100 reloads; 1,000 with SLUICE_FULL=1.
 */

import t from 'tap';
import { eventually, pause } from '../support/deadline.ts';
import { type EdgeProxy, edgeConfig, startEdgeProxy } from '../support/edge-proxy.ts';
import { headerValue } from '../support/http-reader.ts';
import { type HttpOrigin, httpOrigin } from '../support/origin.ts';
import { getRequest, RawConnection } from '../support/raw-client.ts';

const reloads = process.env.SLUICE_FULL === '1' ? 1000 : 100;
const clients = 200;
/** Pause of a client between two requests, so that load generator and proxy share the machine. */
const thinkMs = 50;
/** How much memory may stay behind after all reloads. */
const growthLimit = 64 * 1024 * 1024;

t.setTimeout(reloads * 1000 + 60_000);

t.test(`${reloads} reloads under ${clients} keep-alive clients`, async (t) => {
  const origin = await httpOrigin((_, response) => response.end('ok'));
  const edge = await startEdgeProxy({ originPort: origin.port, http: versioned(0) });
  t.teardown(() => Promise.all([edge.stop(), origin.stop()]));

  await reload(edge, origin, 1);
  const idle = await settledFiles(edge);
  const load = startLoad(edge.port);
  await eventually(
    'every client has an answer',
    { within: 20_000 },
    () => load.answered >= clients,
  );
  // The load itself fills buffers and compiles code: what counts is what the reloads add later.
  const warm = Math.ceil(reloads / 4);
  for (let version = 2; version <= warm; version++) await reload(edge, origin, version);
  const memory = edge.proxy.residentBytes();
  for (let version = warm + 1; version <= reloads; version++) await reload(edge, origin, version);
  const grown = edge.proxy.residentBytes() - memory;
  const filesUnderLoad = await settledFiles(edge);
  await load.stop();

  t.same(load.failures, [], 'no request fails');
  t.ok(load.answered > reloads, 'and there were many', { answered: load.answered });
  // A client has one connection, and at most one upstream connection at a time.
  const most = idle + 2 * clients + 10;
  t.ok(filesUnderLoad <= most, 'connections are not piled up', { filesUnderLoad, most });
  t.ok(grown < growthLimit, 'memory does not grow with reloads', { grown });

  origin.server.closeAllConnections();
  await eventually('no file or socket leaks', { within: 10_000 }, () => {
    return edge.proxy.openFiles() <= idle;
  });
  const exit = await edge.proxy.stop();
  t.equal(exit.code, 0, 'and it ends by itself: no timer is left');
});

function versioned(version: number): string {
  return `  - headers: {response: {set: {x-version: "${version}"}}}
    route: [{destination: {host: origin.test, port: {number: 80}}}]`;
}

/** Writes a new version and waits until a request shows it. */
async function reload(edge: EdgeProxy, origin: HttpOrigin, version: number): Promise<void> {
  edge.folder.write('edge.yaml', edgeConfig(origin.port, versioned(version)));
  const connection = await RawConnection.connect({ port: edge.port });
  await eventually(`version ${version}`, { within: 20_000, every: 5 }, async () => {
    connection.write(getRequest('/', 'a'));
    const response = await connection.readResponse();
    return headerValue(response.headers, 'x-version') === String(version);
  });
  connection.destroy();
}

/** Open files once they no longer change: connections of the reloads above are gone. */
async function settledFiles(edge: EdgeProxy): Promise<number> {
  let last = -1;
  let still = 0;
  return eventually('open files settle', { within: 10_000, every: 20 }, () => {
    const now = edge.proxy.openFiles();
    still = now === last ? still + 1 : 0;
    last = now;
    return still >= 5 ? now : null;
  });
}

interface Load {
  answered: number;
  readonly failures: string[];
  stop(): Promise<void>;
}

function startLoad(port: number): Load {
  let running = true;
  const load: Load = {
    answered: 0,
    failures: [],
    stop: async () => {
      running = false;
      await Promise.all(workers);
    },
  };
  const client = async (): Promise<void> => {
    try {
      const connection = await RawConnection.connect({ port });
      while (running) {
        connection.write(getRequest('/', 'a'));
        const { status } = await connection.readResponse();
        if (status !== 200) load.failures.push(`status ${status}`);
        load.answered += 1;
        await pause(thinkMs);
      }
      connection.destroy();
    } catch (error) {
      load.failures.push(String(error));
    }
  };
  const workers = Array.from({ length: clients }, client);
  return load;
}
