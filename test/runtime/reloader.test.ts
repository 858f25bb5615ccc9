import t, { type Test } from 'tap';
import type { Finding } from '../../src/config/finding.ts';
import type { ConfigLoader, ConfigRequest } from '../../src/runtime/config-loader.ts';
import type { LoadedConfig, LoadOutcome } from '../../src/runtime/config-store.ts';
import { Reloader } from '../../src/runtime/reloader.ts';
import { SecretStore } from '../../src/runtime/secret-store.ts';
import { TelemetrySinks } from '../../src/runtime/telemetry-sinks.ts';
import type { FileSource } from '../../src/sources/file.ts';
import { LogRoot } from '../../src/telemetry/logger.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { listenerModel, meshOf, telemetryOf } from '../support/mesh-models.ts';
import { ProxyHarness } from '../support/proxy-harness.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { route } from '../support/route-models.ts';

/** The files, and what is made of them; the text of the first is what the proxy answers. */
class Files {
  text = 'first';
  readonly findings: Finding[] = [];
  usable = true;
  /** Beside the first one; null: none. */
  secondListener: string | null = null;
  secondAddress = '127.0.0.2';
  settings: Partial<LoadedConfig['settings']> = {};
  /** The process that loads has ended. */
  broken = false;
  readonly kept: string[] = [];
  reads = 0;
  /** Loads wait for it. */
  gate: Promise<void> = Promise.resolve();
  telemetry = telemetryOf();
  closed = 0;

  readonly source = {
    read: async () => {
      this.reads++;
      return { files: [{ path: 'a.yaml', text: this.text }], findings: [] };
    },
    watch: (_: () => void, onUnwatched: (folder: string, code: string) => void) =>
      onUnwatched('/rules', 'ENOSPC'),
    close: () => {
      this.closed++;
    },
  } as unknown as FileSource;

  readonly loader = {
    load: async ({ files }: ConfigRequest): Promise<LoadOutcome> => {
      await this.gate;
      if (this.broken) throw new Error('gone');
      const { findings } = this;
      const rejected = findings.map(({ resource }) => resource ?? '');
      const loaded = this.usable ? this.#loaded(files[0]?.text ?? '') : null;
      return { loaded, flagErrors: [], findings, rejected, kept: this.kept, keepsSecrets: false };
    },
    close: () => {
      this.closed++;
    },
  } as unknown as ConfigLoader;

  #loaded(text: string): LoadedConfig {
    const mesh = meshAnswering(text);
    const second =
      this.secondListener === null
        ? []
        : [listenerModel({ name: this.secondListener, address: this.secondAddress })];
    const listeners = [...mesh.listeners, ...second];
    const settings = { ...startSettings, ...this.settings };
    const { telemetry } = this;
    const served = { ...mesh, listeners, telemetry };
    return { mesh: served, secrets: [], fileFields: [], resources: [], settings };
  }
}

const startSettings = {
  proxy: { accessLog: null },
  admin: { address: '127.0.0.1', port: 15000 },
  drainTimeMs: 5_000,
  seed: null,
  watch: true,
} as unknown as LoadedConfig['settings'];

function meshAnswering(data: string) {
  const body = { encoding: 'utf8', data } as const;
  const direct = route('direct', {}, { kind: 'direct-response', status: 200, body });
  return meshOf({ routes: [direct], listeners: [listenerModel()] });
}

function finding(severity: Finding['severity']): Finding {
  return {
    code: 'SLC0203',
    severity,
    message: 'no such thing',
    hint: null,
    file: 'a.yaml',
    line: 7,
    column: 3,
    path: 'spec',
    resource: 'VirtualService default/a',
  };
}

async function start(t: Test) {
  const files = new Files();
  const lines: string[] = [];
  const clock = new ManualClock(0, 1_000_000);
  const root = new LogRoot({ clock, write: (line) => lines.push(line) });
  const proxy = await ProxyHarness.start(t, meshAnswering('start'));
  const log = root.logger('config');
  const sinks = new TelemetrySinks(new ManualTimers(clock), log);
  const { source, loader } = files;
  const { runtime } = proxy;
  const reloader = new Reloader({
    source,
    loader,
    runtime,
    secrets: new SecretStore({ contexts: proxy.context.tls, timers: new ManualTimers(clock), log }),
    sinks,
    log,
    clock,
    settings: startSettings,
  });
  const body = async (): Promise<string> =>
    (await exchange(getRequest('/', 'a'), { port: proxy.port })).body.toString();
  return { files, lines, clock, proxy, reloader, body };
}

t.test('a reload applies the files as they are', async (t) => {
  const { files, reloader, proxy, body, lines } = await start(t);
  files.text = 'changed';
  await reloader.reload();
  t.equal(await body(), 'changed');
  t.equal(proxy.runtime.snapshot.version, 2);
  t.match(lines.at(-1), /configuration applied.*version=2/);
});

t.test('listeners that are opened and closed are named', async (t) => {
  const { files, reloader, lines } = await start(t);
  const named = () => lines.splice(0).filter((line) => line.includes('listener'));
  files.secondListener = 'second';
  await reloader.reload();
  const [opened = '', ...others] = named();
  t.match(opened, /info \[config\] listener opened listener=second address=127\.0\.0\.2:\d+$/m);
  t.same(others, []);
  files.secondListener = 'renamed';
  await reloader.reload();
  t.same(named(), [], 'its socket stays');
  files.secondListener = null;
  await reloader.reload();
  t.match(named(), [/listener closed listener=renamed address=127\.0\.0\.2:\d+/]);
});

t.test('settings that must wait for the next start are named once', async (t) => {
  const { files, reloader, lines } = await start(t);
  const waiting = () => lines.splice(0).filter((line) => line.includes('next start'));
  await reloader.reload();
  t.same(waiting(), []);
  files.settings = { admin: null, seed: 7, watch: false, drainTimeMs: 60_000 };
  await reloader.reload();
  t.same(
    waiting().map((line) => /setting=(.*)/.exec(line)?.[1]),
    ['listeners.admin', 'seed', 'watch'],
  );
  t.equal(reloader.settings.drainTimeMs, 60_000, 'the drain time holds at once');
  await reloader.reload();
  t.same(waiting(), []);
  files.settings = { seed: 7, watch: false };
  await reloader.reload();
  t.same(waiting(), [], 'what is put back to what runs need not wait');
});

t.test('one reload runs at a time, and the last state wins', async (t) => {
  const { files, reloader, proxy, body } = await start(t);
  const gate = Promise.withResolvers<void>();
  files.gate = gate.promise;
  const all = [reloader.reload()];
  await proxy.until('first read', () => files.reads === 1);
  for (const text of ['b', 'c', 'd']) {
    files.text = text;
    all.push(reloader.reload());
  }
  t.equal(files.reads, 1);
  gate.resolve();
  await Promise.all(all);
  t.equal(files.reads, 2, 'what came meanwhile is one reload');
  t.equal(await body(), 'd');
});

t.test('the status tells of the last load', async (t) => {
  const { files, reloader, clock } = await start(t);
  files.findings.push(finding('error'), finding('warning'));
  clock.advance(500);
  await reloader.reload();
  t.match(reloader.status, {
    ok: false,
    publishedWall: 1_000_500,
    rejected: ['VirtualService default/a', 'VirtualService default/a'],
  });
  t.equal(reloader.status.findings.length, 2);
  files.findings.length = 0;
  await reloader.reload();
  t.match(reloader.status, { ok: true, findings: [], rejected: [] });
});

t.test(
  'findings are logged with their place: errors always, others when they are new',
  async (t) => {
    const { files, reloader, lines } = await start(t);
    files.findings.push(finding('error'), { ...finding('warning'), code: 'SLC0299' });
    const found = () =>
      lines
        .splice(0)
        .flatMap((line) => / (\w+) \[config\] SLC\d+ .+\(a\.yaml:7:3\)/.exec(line)?.[1] ?? []);
    await reloader.reload();
    t.same(found(), ['error', 'warning']);
    await reloader.reload();
    t.same(found(), ['error']);
    files.findings.push({ ...finding('info'), code: 'SLC0298' });
    await reloader.reload();
    t.same(found(), ['error', 'info']);
  },
);

t.test('a listener that cannot be bound is an error of the load', async (t) => {
  const { files, reloader, lines, body } = await start(t);
  files.secondAddress = '203.0.113.9';
  files.secondListener = 'second';
  await reloader.reload();
  t.equal(await body(), 'first', 'the rest is applied');
  t.equal(reloader.status.ok, false);
  const message = 'listener second cannot listen on 203.0.113.9:0: EADDRNOTAVAIL';
  t.match(reloader.status.findings, [{ code: 'SLC0303', severity: 'error', message }]);
  t.equal(lines.filter((line) => line.includes(message)).length, 1);
  t.match(lines.at(-1), /applied, but for its errors .*errors=1$/m);
  files.secondAddress = '127.0.0.2';
  await reloader.reload();
  t.equal(reloader.status.ok, true);
});

t.test('an access log that cannot be opened is an error of the load', async (t) => {
  const { files, reloader } = await start(t);
  const file = { kind: 'file', path: '/no/such/folder/a.log', filter: null } as const;
  const accessLog = { ...file, encoding: 'text', format: 'a' } as const;
  files.telemetry = telemetryOf({ accessLogs: [accessLog] });
  await reloader.reload();
  t.equal(reloader.status.ok, false);
  t.match(reloader.status.findings, [{ code: 'SLC0304', message: /a\.log: ENOENT/ }]);
});

t.test('resources that keep their last good version are named', async (t) => {
  const { files, reloader, lines } = await start(t);
  files.kept.push('VirtualService default/a');
  await reloader.reload();
  t.equal(
    lines.filter((line) => /last good version.*VirtualService default\/a/.test(line)).length,
    1,
  );
});

t.test('a configuration that cannot be used changes nothing', async (t) => {
  const { files, reloader, proxy, body, clock } = await start(t);
  await reloader.reload();
  const { publishedWall } = reloader.status;
  clock.advance(1_000);
  files.usable = false;
  files.text = 'broken';
  files.findings.push(finding('error'));
  await reloader.reload();
  t.equal(await body(), 'first');
  t.equal(proxy.runtime.snapshot.version, 2);
  t.match(reloader.status, { ok: false, publishedWall });
});

t.test('the first configuration is reported by whoever applied it', async (t) => {
  const { reloader } = await start(t);
  reloader.started([finding('info')], 12, []);
  t.match(reloader.status, { ok: true, durationMs: 12, publishedWall: 1_000_000, rejected: [] });
});

t.test('after closing nothing is read', async (t) => {
  const { files, reloader, proxy } = await start(t);
  await reloader.close();
  await reloader.reload();
  t.equal(files.reads, 0);
  t.equal(files.closed, 2, 'source and loader');
  t.equal(proxy.runtime.snapshot.version, 1);
});

t.test('a load that breaks down leaves what runs, and the next one works', async (t) => {
  const { files, reloader, body } = await start(t);
  files.broken = true;
  await t.resolves(reloader.reload());
  t.equal(reloader.status.ok, false);
  t.equal(await body(), 'start');
  files.broken = false;
  await reloader.reload();
  t.equal(reloader.status.ok, true);
  t.equal(await body(), 'first');
});

t.test('what is loaded when the proxy ends is not applied', async (t) => {
  const { files, reloader, proxy, lines } = await start(t);
  const gate = Promise.withResolvers<void>();
  files.gate = gate.promise;
  const reloading = reloader.reload();
  await proxy.until('first read', () => files.reads === 1);
  const closed = reloader.close();
  gate.resolve();
  await Promise.all([reloading, closed]);
  t.equal(proxy.runtime.snapshot.version, 1);
  t.same(lines, []);
});

t.test('a folder that cannot be watched is told, with what to do', async (t) => {
  const { reloader, lines } = await start(t);
  reloader.watch();
  t.match(lines, [
    /warning .*not noticed, send SIGHUP.*max_user_watches folder=\/rules error=ENOSPC/,
  ]);
});
