import t from 'tap';
import { mergeSettings } from '../../../src/config/settings/merge-settings.ts';
import { bootstraps, errors, settings } from './bootstraps.ts';

t.test('without flags and without a Bootstrap there are the documented defaults', async (t) => {
  const merged = mergeSettings({}, []);
  t.match(merged, {
    ok: true,
    value: {
      admin: { address: '127.0.0.1', port: 15_000 },
      drainTimeMs: 5000,
      seed: null,
      watch: true,
      localTls: false,
      proxy: {
        localTls: false,
        identity: {
          namespace: 'default',
          labels: {},
          locality: { region: '', zone: '', subzone: '' },
          workload: 'unknown',
        },
        selectorsApply: false,
        outbound: [{ address: '127.0.0.1', port: 15_001, servicePort: null }],
        inbound: [],
        gatewayBind: '127.0.0.1',
        gatewayPorts: {},
        workloads: new Map(),
        accessLog: {
          source: 'default',
          file: { kind: 'file', path: '-', encoding: 'text', format: null, filter: null },
        },
      },
    },
  });
});

t.test('a flag wins over the Bootstrap, and the Bootstrap over the default', async (t) => {
  const spec = {
    listeners: {
      outbound: '127.0.0.1:1',
      inbound: ['127.0.0.1:2=3'],
      admin: '127.0.0.1:4',
      localTls: true,
    },
    proxy: { namespace: 'shop', labels: { app: 'web' }, locality: 'eu/a/1' },
    accessLog: { path: 'a.log', format: 'json' },
    drainTime: '10s',
    seed: 7,
    watch: false,
  };
  const fromSpec = settings(spec);
  t.match(fromSpec, {
    admin: { port: 4 },
    drainTimeMs: 10_000,
    seed: 7,
    watch: false,
    localTls: true,
    proxy: {
      localTls: true,
      identity: {
        namespace: 'shop',
        labels: { app: 'web' },
        locality: { region: 'eu', zone: 'a', subzone: '1' },
        workload: 'web',
      },
      selectorsApply: true,
      outbound: [{ port: 1 }],
      inbound: [{ port: 2, appPort: 3 }],
      accessLog: { source: 'own', file: { path: 'a.log', encoding: 'json', format: null } },
    },
  });
  const fromFlags = settings(spec, {
    outbound: ['127.0.0.1:11', '127.0.0.1:12=80'],
    inbound: ['127.0.0.1:13=14'],
    admin: 'off',
    namespace: 'other',
    labels: 'app=client',
    locality: 'us',
    accessLog: '-',
    accessLogFormat: '%PROTOCOL%',
    drainTime: '1s',
    seed: '8',
  });
  t.match(fromFlags, {
    admin: null,
    drainTimeMs: 1000,
    seed: 8,
    proxy: {
      identity: { namespace: 'other', labels: { app: 'client' }, locality: { region: 'us' } },
      outbound: [{ port: 11 }, { port: 12, servicePort: 80 }],
      inbound: [{ port: 13, appPort: 14 }],
      accessLog: { file: { path: '-', encoding: 'text', format: '%PROTOCOL%' } },
    },
  });
});

t.test('the last Bootstrap wins whole', async (t) => {
  const merged = mergeSettings({}, bootstraps({ seed: 1, drainTime: '9s' }, { seed: 2 }));
  t.match(merged, { ok: true, value: { seed: 2, drainTimeMs: 5000 } });
});

t.test('listeners and log can be switched off', async (t) => {
  const off = settings({
    listeners: { outbound: 'off', admin: 'off' },
    accessLog: { path: 'off' },
  });
  t.match(off, { admin: null, proxy: { outbound: [], accessLog: { file: null } } });
  t.equal(settings({ meshConfig: { accessLogFile: '' } }).proxy.accessLog.file, null);
});

t.test('the log of meshConfig gives way to our own setting', async (t) => {
  const meshConfig = { accessLogFile: 'a.log', accessLogEncoding: 'JSON', accessLogFormat: '{}' };
  const format = { encoding: 'json', format: '{}' } as const;
  t.strictSame(settings({ meshConfig }).proxy.accessLog, {
    source: 'mesh',
    file: { kind: 'file', filter: null, path: 'a.log', ...format },
    format,
  });
  t.match(settings({ meshConfig, accessLog: { path: 'b.log' } }).proxy.accessLog, {
    source: 'own',
    file: { path: 'b.log', ...format },
  });
});

t.test("so does Istio's time to drain", async (t) => {
  const meshConfig = { defaultConfig: { terminationDrainDuration: '20s' } };
  t.equal(settings({ meshConfig }).drainTimeMs, 20_000);
  t.equal(settings({ meshConfig, drainTime: '3s' }).drainTimeMs, 3000);
});

t.test('ports of gateways: a flag replaces the entry of the Bootstrap', async (t) => {
  const spec = { listeners: { ports: { 80: 8080, 443: 8443 } } };
  t.strictSame(settings(spec, { port: ['80=18080'] }).proxy.gatewayPorts, {
    80: 18_080,
    443: 8443,
  });
  t.strictSame(errors({}, { port: ['80=1', '443=2', '80=3'] }), [
    '--port: gateway port 80 is mapped twice',
  ]);
});

t.test('workloads: flags replace all addresses of a name', async (t) => {
  const workloads = { a: '127.0.0.1:1', b: ['127.0.0.1:2', 'localhost:3'] };
  const flags = { workload: ['b=127.0.0.1:4', 'c=127.0.0.1:5', 'c=127.0.0.1:6'] };
  t.strictSame(Object.fromEntries(settings({ workloads }, flags).proxy.workloads), {
    a: [{ address: '127.0.0.1', port: 1 }],
    b: [{ address: '127.0.0.1', port: 4 }],
    c: [
      { address: '127.0.0.1', port: 5 },
      { address: '127.0.0.1', port: 6 },
    ],
  });
});

t.test('errors name their flag or their place in the Bootstrap', async (t) => {
  t.strictSame(
    errors(
      {
        listeners: { outbound: ['127.0.0.1:1', 'here:2'], ports: { http: 80 }, gatewayBind: 'x' },
        workloads: { a: 'db:1', b: ['127.0.0.1:1', '127.0.0.1:0'] },
        proxy: { locality: 'a//b' },
        meshConfig: { defaultConfig: { terminationDrainDuration: '-1s' } },
      },
      { admin: '1', namespace: 'A B', labels: 'x', workload: ['a'], port: ['x'], seed: '-1' },
    ),
    [
      'listeners.gatewayBind: "x" is not an IP address or localhost',
      'listeners.outbound.1: "here" is no IP address: write IP:PORT or localhost:PORT',
      '--admin: "1" has no port: write IP:PORT, for example 127.0.0.1:9080',
      'listeners.ports.http: "http" is not a port (1 to 65535)',
      '--port: "x" is not of the form GATEWAY_PORT=LOCAL_PORT',
      '--labels: "x" is not of the form key=value',
      '--namespace: "A B" is not the name of a namespace',
      'proxy.locality: "a//b" is not of the form region/zone/subzone',
      'workloads.a: "db" is no IP address: write IP:PORT or localhost:PORT',
      'workloads.b.1: "127.0.0.1:0" has port 0, where nothing can listen',
      '--workload: "a" is not of the form NAME=IP:PORT',
      'meshConfig.defaultConfig.terminationDrainDuration: "-1s" is not a duration like 5s',
      '--seed: "-1" is no seed: write a whole number from 0 to 4294967295',
    ],
  );
});

t.test('two listeners at one address are an error that names both', async (t) => {
  const listeners = (fields: object, flags = {}) => errors({ listeners: fields }, flags);
  const table: readonly (readonly [string[], string[]])[] = [
    [
      listeners({ outbound: ['127.0.0.1:1', '127.0.0.1:1=80'] }),
      ['listeners.outbound.1: outbound (127.0.0.1:1) has the address of outbound (127.0.0.1:1)'],
    ],
    [
      listeners({ outbound: '127.0.0.1:1', inbound: '0.0.0.0:1=80' }),
      ['listeners.inbound: inbound (0.0.0.0:1) has the address of outbound (127.0.0.1:1)'],
    ],
    [
      listeners({ outbound: '[::]:1', admin: '[::1]:1' }),
      ['listeners.admin: admin ([::1]:1) has the address of outbound ([::]:1)'],
    ],
    [
      listeners({ ports: { 80: 15_001 } }),
      [
        'listeners.ports.80: gateway port 80 (127.0.0.1:15001) has the address of outbound ' +
          '(127.0.0.1:15001)',
      ],
    ],
    [
      listeners({ ports: { 80: 8080, 81: 8080 } }),
      [
        'listeners.ports.81: gateway port 81 (127.0.0.1:8080) has the address of gateway port 80 ' +
          '(127.0.0.1:8080)',
      ],
    ],
    // The setting that the user has made is to blame, not the default.
    [
      listeners({}, { outbound: ['127.0.0.1:15000'] }),
      ['--outbound: outbound (127.0.0.1:15000) has the address of admin (127.0.0.1:15000)'],
    ],
    [
      listeners({ admin: '127.0.0.1:1' }, { outbound: ['127.0.0.1:1'] }),
      ['--outbound: outbound (127.0.0.1:1) has the address of admin (127.0.0.1:1)'],
    ],
    [listeners({ outbound: ['127.0.0.1:0', '127.0.0.1:0'], ports: { 80: 0, 81: 0 } }), []],
    [listeners({ outbound: ['127.0.0.1:1', '127.0.0.2:1', '[::1]:1'] }), []],
    [listeners({ outbound: '0.0.0.0:1', admin: '[::1]:1' }), []],
    [listeners({ ports: { 80: 15_001 }, gatewayBind: '127.0.0.2' }), []],
  ];
  for (const [actual, expected] of table) t.strictSame(actual, expected);
});

t.test('others reach the admin API only where that is said to be meant', async (t) => {
  const listeners = (fields: object, flags = {}) => errors({ listeners: fields }, flags);
  const refused =
    'others would reach the admin API at 0.0.0.0, and could end the proxy: take 127.0.0.1, or set ' +
    'listeners.adminAllowRemote: true in a Bootstrap resource if that is meant';
  const admin = '0.0.0.0:15000';
  t.strictSame(listeners({}, { admin }), [`--admin: ${refused}`]);
  t.strictSame(listeners({ admin }), [`listeners.admin: ${refused}`]);
  t.match(listeners({ admin: '[2001:db8::1]:15000' }), [/at 2001:db8::1, and could end the proxy/]);
  t.strictSame(listeners({ adminAllowRemote: true }, { admin }), []);
  t.strictSame(listeners({ admin: '127.3.2.1:15000' }), []);
  t.strictSame(listeners({ admin: '[::1]:15000' }), []);
});
