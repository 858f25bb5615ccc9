import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { runInProcess } from '../../support/command-in-process.ts';
import { freePort } from '../../support/free-port.ts';
import { startObservedProxy } from '../../support/observed-proxy.ts';

const { admin, gatewayPort, folder, request } = await startObservedProxy(t);

/** What it prints, with the folder of the rules left out; fails unless it exits with 0. */
async function printed(t: Test, ...args: string[]): Promise<string> {
  const result = await runInProcess(['proxy-config', ...args, '--admin', admin]);
  t.equal(result.code, 0, result.stderr);
  return result.stdout.replaceAll(`${folder.path}/`, '');
}

async function lines(t: Test, ...args: string[]): Promise<string[]> {
  return (await printed(t, ...args))
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, ' | '));
}

t.test('listeners', async (t) => {
  t.same(await lines(t, 'listeners'), [
    'ADDRESSES | PORT | MATCH | DESTINATION',
    `127.0.0.1 | ${gatewayPort} | ALL | Route: http.${gatewayPort}`,
  ]);
  const wide = await lines(t, 'l', '-o', 'wide', '--port', String(gatewayPort));
  t.match(wide[1], new RegExp(`gateway_${gatewayPort} \\| ${gatewayPort} \\| - \\| rules.yaml:6$`));
  t.equal((await lines(t, 'listener', '--port', '1')).length, 1, 'titles alone');
});

t.test('routes', async (t) => {
  t.same(await lines(t, 'routes', '--name', `http.${gatewayPort}`), [
    'NAME | VHOST NAME | DOMAINS | MATCH | VIRTUAL SERVICE',
    `http.${gatewayPort} | *:${gatewayPort} | * | /teapot | 418`,
    `http.${gatewayPort} | *:${gatewayPort} | * | /teapot | 418`,
    `http.${gatewayPort} | *:${gatewayPort} | * | /broken* | edge.default`,
    `http.${gatewayPort} | *:${gatewayPort} | * | /* | edge.default`,
  ]);
  const wide = await lines(t, 'r', '-o', 'wide');
  t.match(wide[1], 'path exact "/teapot" and header x-tea exact "green"');
  t.match(wide[1], / teapot \| answer 418 \| rules\.yaml:\d+$/);
  t.match(
    wide[4],
    / web \| outbound\|80\|v1\|web\.default\.svc\.cluster\.local \| rules\.yaml:\d+$/,
  );
});

t.test('clusters', async (t) => {
  t.same(await lines(t, 'clusters'), [
    'SERVICE FQDN | PORT | SUBSET | DIRECTION | TYPE | DESTINATION RULE',
    'BlackHoleCluster | - | - | - | STATIC',
    'PassthroughCluster | - | - | - | ORIGINAL_DST',
    'web.default.svc.cluster.local | 80 | - | outbound | STATIC',
    'web.default.svc.cluster.local | 80 | v1 | outbound | STATIC | web.default',
  ]);
  const table: readonly (readonly [readonly string[], number])[] = [
    [['--fqdn', 'WEB'], 2],
    [['--subset', 'v1'], 1],
    [['--subset', 'v'], 0],
    [['--port', '80', '--direction', 'outbound'], 2],
    [['--direction', 'inbound'], 0],
    [['--name', 'PassthroughCluster'], 1],
  ];
  for (const [filters, count] of table) {
    t.equal((await lines(t, 'c', ...filters)).length - 1, count, filters.join(' '));
  }
});

t.test('endpoints', async (t) => {
  t.equal(await request('/'), 200);
  const all = await lines(t, 'endpoints');
  t.equal(all[0], 'ENDPOINT | STATUS | OUTLIER CHECK | CLUSTER');
  t.match(all[2], /^127\.0\.0\.1:\d+ \| HEALTHY \| OK \| outbound\|80\|v1\|web\.default/);
  const cluster = 'outbound|80|v1|web.default.svc.cluster.local';
  const wide = await lines(t, 'ep', '--cluster', cluster, '--status', 'healthy', '-o', 'wide');
  t.match(wide, [/^ENDPOINT/, / web-v1 \| 1 \| 0 \| - \| 1 \| 0 \| 0$/]);
  t.equal((await lines(t, 'ep', '--status', 'UNHEALTHY')).length, 1);
  t.equal((await lines(t, 'ep', '--address', '127.0.0.1')).length, 3);
});

t.test('secrets and levels of the log', async (t) => {
  t.match(await lines(t, 'secrets'), [/^RESOURCE NAME \| TYPE \| VALID CERT/]);
  t.match(await lines(t, 'log'), ['COMPONENT | LEVEL', 'access-log | info']);
});

t.test('JSON and YAML have everything, of one kind as a list', async (t) => {
  const clusters = JSON.parse(await printed(t, 'clusters', '--subset', 'v1', '-o', 'json'));
  t.match(clusters, [{ subset: 'v1', limits: { maxRequests: Number }, origin: { line: 14 } }]);
  const same = parse(await printed(t, 'clusters', '--subset', 'v1', '--output', 'yaml'));
  t.same(same[0].limits, clusters[0].limits);
  const all = JSON.parse(await printed(t, 'all', '-o', 'json'));
  t.same(Object.keys(all), ['listeners', 'routes', 'clusters', 'endpoints']);
  t.match(await printed(t, 'all', '--port', '80'), /\n\nNAME .+\n\nSERVICE FQDN .+\n\nENDPOINT /s);
});

t.test('wrong usage says what there is', async (t) => {
  const table: readonly (readonly [readonly string[], string])[] = [
    [[], "missing required argument 'kind'"],
    [['routs'], 'there is no kind "routs"; did you mean routes?'],
    [['x'], 'there is no kind "x"; write one of listeners, routes, clusters'],
    [['routes', '--subset', 'v1'], '--subset is no filter of routes; there are --name'],
    [['log', '--port', '1'], '--port is no filter of log; there is none'],
    [
      ['clusters', '--port', 'http'],
      'argument \'http\' is invalid. "http" is not a port (0 to 65535)',
    ],
    [['listeners', '--port', '99999'], '"99999" is not a port (0 to 65535)'],
    [
      ['ep', '--status', 'bad'],
      "argument 'bad' is invalid. Allowed choices are healthy, unhealthy",
    ],
    [['clusters', '--direction', 'in'], 'Allowed choices are inbound, outbound'],
    [['clusters', '-o', 'xml'], 'Allowed choices are short, wide, json, yaml'],
    [['clusters', '--admin', '15000'], '"15000" is no address: write HOST:PORT'],
    [['clusters', 'routes'], "too many arguments for 'proxy-config'"],
  ];
  for (const [args, message] of table) {
    const result = await runInProcess(['proxy-config', ...args]);
    t.equal(result.code, 2, args.join(' '));
    t.ok(result.stderr.startsWith('sluice: ') && result.stderr.includes(message), result.stderr);
    t.equal(result.stderr.trimEnd().split('\n').length, 1);
    t.equal(result.stdout, '');
  }
});

t.test('a proxy that cannot be asked is told in one line', async (t) => {
  const free = `127.0.0.1:${await freePort()}`;
  const nobody = await runInProcess(['pc', 'routes', '--admin', free]);
  t.match(nobody, {
    code: 1,
    stdout: '',
    stderr: /^sluice: nothing listens on 127\.0\.0\.1:\d+: .+\n$/,
  });
  const gateway = await runInProcess(['pc', 'routes', '--admin', `127.0.0.1:${gatewayPort}`]);
  t.match(gateway, { code: 1, stderr: /^sluice: what answers on .+ is not the admin API .+\n$/ });
});
