/**
 * Ingresses with annotations of nginx's Ingress controller, beside a real nginx with the
 * configuration that the controller would write for them: the same requests get the same answers.
 */

import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { freePorts } from '../support/free-port.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { Backends } from './ingress-nginx/backends.ts';
import { type CaseRequest, readCases } from './ingress-nginx/cases.ts';
import { Exchange, type Outcome } from './ingress-nginx/exchange.ts';
import { manifests } from './ingress-nginx/manifests.ts';
import { hasNginx, startNginx } from './ingress-nginx/nginx-process.ts';
import { randomRequests } from './ingress-nginx/random-paths.ts';

const cases = readCases();

async function start() {
  const backends = await Backends.start();
  const [nginxHttp = 0, nginxHttps = 0, http = 0, https = 0, mesh = 0] = await freePorts(5);
  const folder = tempFolder({ 'services.yaml': manifests(backends.ports) });
  const files = [folder.path, ...cases.map(({ ingress }) => ingress)];
  const configurations = cases.map(({ configuration }) => configuration);
  const nginxEdge = { httpPort: nginxHttp, httpsPort: nginxHttps };
  const nginx = await startNginx({ configurations, ports: backends.ports, ...nginxEdge });
  const proxy = await SluiceProcess.start([
    ...files.flatMap((file) => ['-f', file]),
    ...['--port', `80=${http}`, '--port', `443=${https}`],
    ...['--outbound', `127.0.0.1:${mesh}`, '--access-log', 'off', '--seed', '1'],
  ]);
  const theirs = new Exchange(nginxEdge, backends);
  const ours = new Exchange({ httpPort: http, httpsPort: https }, backends);
  t.teardown(async () => {
    theirs.close();
    ours.close();
    await proxy.kill();
    await nginx.stop();
    await backends.stop();
    folder.remove();
  });
  return { theirs, ours };
}

/** One after the other where the services are asked what came. */
async function both(
  { theirs, ours }: Record<'theirs' | 'ours', Exchange>,
  request: CaseRequest,
): Promise<[Outcome, Outcome]> {
  if (!request.together && !request.mirrored) {
    return Promise.all([theirs.outcome(request), ours.outcome(request)]);
  }
  const first = await theirs.outcome(request);
  return [first, await ours.outcome(request)];
}

function without(outcome: Outcome, names: readonly string[]): Outcome {
  return Object.fromEntries(Object.entries(outcome).filter(([name]) => !names.includes(name)));
}

function describe({ ask, host, headers, tls, body }: CaseRequest): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const size = body === 0 ? [] : [`${body} bytes`];
  return [ask, `${tls ? 'https' : 'http'}://${host}`, ...fields, ...size].join(', ');
}

if (hasNginx()) {
  const started = start();
  t.test('random paths go where nginx sends them', async (t) => {
    const exchanges = await started;
    for (const request of randomRequests(cases, 120)) {
      const [theirs, ours] = await both(exchanges, request);
      if (!isDeepStrictEqual(ours, theirs)) t.strictSame(ours, theirs, describe(request));
    }
  });

  t.test('the same answers as nginx', async (t) => {
    const exchanges = await started;
    for (const { name, requests } of cases) {
      await t.test(name, async (t) => {
        for (const request of requests) {
          const [theirs, ours] = await both(exchanges, request);
          const names = Object.keys(request.differs);
          t.strictSame(without(ours, names), without(theirs, names), describe(request));
          for (const [each, reason] of Object.entries(request.differs)) {
            t.notSame(ours[each], theirs[each], reason);
          }
        }
      });
    }
  });
} else {
  t.pass('skipped: there is no nginx on the PATH (Debian package nginx) to compare with');
}
