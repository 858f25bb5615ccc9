/** The stock manifests of bookinfo, helloworld and httpbin, unmodified, with local workloads. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { analyze, hasStackTrace } from '../support/findings.ts';
import { freePort } from '../support/free-port.ts';
import { headerValue } from '../support/http-reader.ts';
import { type NamedWorkloads, startWorkloads } from '../support/named-workloads.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { dataSet, missingData } from '../support/test-data.ts';

const folder = dataSet('istio-samples');
const skip = folder === null ? missingData('istio-samples') : false;

const workloadNames = [
  'productpage-v1',
  'details-v1',
  'ratings-v1',
  'reviews-v1',
  'reviews-v2',
  'reviews-v3',
  'helloworld-v1',
  'helloworld-v2',
  'httpbin',
];

type Ask = readonly [what: string, answers: readonly (string | number)[]];

interface SampleCase {
  readonly name: string;
  readonly files: readonly string[];
  /** Logical port of the mesh listener or of the Gateway. */
  readonly port: number;
  readonly listener: 'mesh' | 'gateway';
  /** `host` or `host as USER` or `/path`, and the backends or the status that may answer. */
  readonly asks: readonly Ask[];
}

const bookinfo = ['bookinfo/bookinfo.yaml', 'bookinfo/destination-rule-all.yaml'];

function meshCase(file: string, ...asks: readonly Ask[]): SampleCase {
  const files = [...bookinfo, `bookinfo/${file}`];
  return { name: file, files, port: 9080, listener: 'mesh', asks };
}

const cases: readonly SampleCase[] = [
  {
    name: 'bookinfo-gateway.yaml',
    files: ['bookinfo/bookinfo.yaml', 'bookinfo/bookinfo-gateway.yaml'],
    port: 8080,
    listener: 'gateway',
    asks: [
      ['/productpage', ['productpage-v1']],
      ['/static/x.css', ['productpage-v1']],
      ['/api/v1/products/1', ['productpage-v1']],
      ['/productpage/more', [404]],
    ],
  },
  {
    name: 'bookinfo.yaml alone',
    files: ['bookinfo/bookinfo.yaml'],
    port: 9080,
    listener: 'mesh',
    asks: [
      ['reviews', ['reviews-v1', 'reviews-v2', 'reviews-v3']],
      ['details', ['details-v1']],
    ],
  },
  meshCase('virtual-service-all-v1.yaml', ['reviews', ['reviews-v1']], ['ratings', ['ratings-v1']]),
  meshCase('virtual-service-reviews-50-v3.yaml', ['reviews', ['reviews-v1', 'reviews-v3']]),
  meshCase('virtual-service-reviews-80-20.yaml', ['reviews', ['reviews-v1', 'reviews-v2']]),
  meshCase('virtual-service-reviews-90-10.yaml', ['reviews', ['reviews-v1', 'reviews-v2']]),
  meshCase('virtual-service-reviews-v2-v3.yaml', ['reviews', ['reviews-v2', 'reviews-v3']]),
  meshCase('virtual-service-reviews-v3.yaml', ['reviews', ['reviews-v3']]),
  meshCase(
    'virtual-service-reviews-jason-v2-v3.yaml',
    ['reviews as jason', ['reviews-v2']],
    ['reviews', ['reviews-v3']],
  ),
  meshCase(
    'virtual-service-reviews-test-v2.yaml',
    ['reviews as jason', ['reviews-v2']],
    ['reviews', ['reviews-v1']],
  ),
  meshCase(
    'virtual-service-ratings-test-abort.yaml',
    ['ratings as jason', [500]],
    ['ratings', ['ratings-v1']],
  ),
  meshCase('virtual-service-ratings-test-delay.yaml', ['ratings', ['ratings-v1']]),
  meshCase('fault-injection-details-v1.yaml', ['details', [555]]),
  // No workload has this version: the subset is empty.
  meshCase('virtual-service-details-v2.yaml', ['details', [503]]),
  meshCase('virtual-service-ratings-db.yaml', ['reviews', ['reviews-v3']], ['ratings', [503]]),
  {
    name: 'helloworld',
    files: ['helloworld/helloworld.yaml', 'helloworld/helloworld-gateway.yaml'],
    port: 80,
    listener: 'gateway',
    asks: [
      ['/hello', ['helloworld-v1', 'helloworld-v2']],
      ['/hello/x', [404]],
    ],
  },
  {
    name: 'httpbin',
    files: ['httpbin/httpbin.yaml', 'httpbin/httpbin-gateway.yaml'],
    port: 80,
    listener: 'gateway',
    asks: [['/status/418', ['httpbin']]],
  },
];

t.setTimeout(240_000);

t.test('samples route as their files say', { skip }, async (t) => {
  const workloads = await startWorkloads(workloadNames);
  t.teardown(() => workloads.stop());
  for (const item of cases) {
    await t.test(item.name, async (t) => {
      const port = await freePort();
      const proxy = await startSample(item, { port, workloads });
      t.teardown(() => proxy.kill());
      for (const [what, answers] of item.asks) {
        t.same(await answersTo(what, port, answers.length), new Set(answers), what);
      }
    });
  }
});

t.test('analyze reads every sample file without an exception', { skip }, async (t) => {
  const samples = ['bookinfo', 'helloworld', 'httpbin', 'curl', 'tcp-echo', 'websockets'];
  for (const sample of samples) {
    const files = readdirSync(join(folder ?? '', sample)).map((name) =>
      join(folder ?? '', sample, name),
    );
    const analysis = await analyze(...files);
    t.ok(analysis.exitCode === 0 || analysis.exitCode === 1, `${sample}: exit code`);
    t.notOk(hasStackTrace(analysis.stderr), `${sample}: no stack trace`);
  }
});

async function startSample(
  item: SampleCase,
  { port, workloads }: { port: number; workloads: NamedWorkloads },
): Promise<SluiceProcess> {
  const files = item.files.flatMap((name) => ['-f', join(folder ?? '', name)]);
  const listener =
    item.listener === 'mesh'
      ? ['--outbound', `127.0.0.1:${port}=${item.port}`]
      : ['--port', `${item.port}=${port}`, '--outbound', `127.0.0.1:${await freePort()}`];
  return SluiceProcess.start([...files, ...listener, ...workloads.args, '--access-log', 'off']);
}

/** Who answered: one request, or a hundred where several may. */
async function answersTo(
  what: string,
  port: number,
  alternatives: number,
): Promise<Set<string | number>> {
  const [target = '', user] = what.split(' as ');
  const [host, path] = target.startsWith('/') ? ['any.example.com', target] : [target, '/'];
  const bytes = getRequest(path, host, user === undefined ? [] : [['end-user', user]]);
  const seen = new Set<string | number>();
  const count = alternatives > 1 ? 100 : 1;
  for (let i = 0; i < count; i++) {
    const response = await exchange(bytes, { port });
    seen.add(headerValue(response.headers, 'x-backend') ?? response.status);
  }
  return seen;
}
