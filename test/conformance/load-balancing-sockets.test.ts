/** Known choices of RING_HASH and MAGLEV, made by the real command between real sockets. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { eventually } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { type HttpOrigin, httpOrigin } from '../support/origin.ts';
import { getRequest, RawConnection } from '../support/raw-client.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { dataSet, missingData } from '../support/test-data.ts';

type Choices = Readonly<Record<string, string>>;

interface Vectors {
  readonly e2e: {
    readonly endpoints: readonly string[];
    readonly ringHash: Choices;
    readonly maglev: Choices;
    readonly ringHash_after_removing_last_endpoint: Choices;
  };
}

const folder = dataSet('lb-vectors');
if (folder === null) {
  t.pass(missingData('lb-vectors'), { skip: missingData('lb-vectors') });
} else {
  const text = readFileSync(join(folder, 'envoy-lb-vectors.json'), 'utf8');
  const { e2e } = JSON.parse(text) as Vectors;
  t.test('200 keys of each policy reach the endpoints that Envoy gives them', (t) => check(t, e2e));
}

async function check(t: Test, e2e: Vectors['e2e']): Promise<void> {
  const { endpoints } = e2e;
  await startEndpoints(t, endpoints);
  const files = tempFolder({ 'rules.yaml': rules(endpoints) });
  const port = await freePort();
  const proxy = await SluiceProcess.start([
    ...['-f', files.path, '--outbound', `127.0.0.1:${port}=80`, '--access-log', 'off'],
  ]);
  const client = await RawConnection.connect({ port });
  t.teardown(async () => {
    client.destroy();
    await proxy.kill();
    files.remove();
  });

  t.equal(Object.keys(e2e.ringHash).length, 200);
  t.same(await choose(client, 'ring.test', e2e.ringHash), e2e.ringHash);
  t.equal(Object.keys(e2e.maglev).length, 200);
  t.same(await choose(client, 'maglev.test', e2e.maglev), e2e.maglev);

  const fewer = e2e.ringHash_after_removing_last_endpoint;
  files.write('rules.yaml', rules(endpoints.slice(0, -1)));
  const [moved = ''] = Object.keys(fewer).filter((key) => fewer[key] !== e2e.ringHash[key]);
  await eventually('the last endpoint to be gone', { within: 10_000, every: 20 }, async () => {
    return (await choose(client, 'ring.test', { [moved]: '' }))[moved] === fewer[moved];
  });
  t.same(await choose(client, 'ring.test', fewer), fewer, 'one endpoint less');
}

/** On exactly these addresses, for the choice is a hash of them; another run may still hold one. */
async function startEndpoints(t: Test, endpoints: readonly string[]): Promise<void> {
  for (const endpoint of endpoints) {
    const [address = '', port = ''] = endpoint.split(':');
    const options = { port: Number(port), address };
    const start = async (): Promise<HttpOrigin | null> => {
      try {
        return await httpOrigin((_request, response) => response.end(endpoint), options);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
        return null;
      }
    };
    const origin = await eventually(`${endpoint} to be free`, { within: 30_000, every: 50 }, start);
    t.teardown(() => origin?.stop());
  }
}

function rules(endpoints: readonly string[]): string {
  return (
    hashedService('ring.test', endpoints, 'ringHash: {minimumRingSize: 1024}') +
    hashedService('maglev.test', endpoints, 'maglev: {tableSize: 65537}')
  );
}

function hashedService(host: string, endpoints: readonly string[], balancer: string): string {
  const addresses = endpoints.map((endpoint) => {
    const [address, port] = endpoint.split(':');
    return `{address: ${address}, ports: {http: ${port}}}`;
  });
  return `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${host}}
spec:
  hosts: [${host}]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [${addresses.join(', ')}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${host}}
spec:
  host: ${host}
  trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user, ${balancer}}}}
`;
}

/** The endpoint that answers for each key of `expected`. */
async function choose(client: RawConnection, host: string, expected: Choices): Promise<Choices> {
  const chosen: [string, string][] = [];
  for (const key of Object.keys(expected)) {
    client.write(getRequest('/', host, [['x-user', key]]));
    const { body } = await client.readResponse();
    chosen.push([key, body.toString('latin1')]);
  }
  return Object.fromEntries(chosen);
}
