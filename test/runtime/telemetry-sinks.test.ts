import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { MeshTelemetry } from '../../src/model/telemetry-settings.ts';
import { TelemetrySinks } from '../../src/runtime/telemetry-sinks.ts';
import { LogRoot } from '../../src/telemetry/logger.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { meshOf, telemetryOf, tracingSettings } from '../support/mesh-models.ts';
import { prometheusText } from '../support/prometheus-text.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { testStreamInfo } from '../telemetry/stream-info-fixture.ts';

const { proxy: identity } = meshOf({});

function start(t: Test) {
  const clock = new ManualClock();
  const folder = tempFolder();
  const root = new LogRoot({ clock, write: () => undefined });
  const sinks = new TelemetrySinks(new ManualTimers(clock), root.logger('access-log'));
  t.teardown(async () => {
    await sinks.close();
    folder.remove();
  });
  const path = (name: string): string => join(folder.path, name);
  const logTo = (name: string, format: string): MeshTelemetry => {
    const file = { kind: 'file', path: path(name), filter: null } as const;
    return telemetryOf({ accessLogs: [{ ...file, encoding: 'text', format }] });
  };
  const read = (name: string): string => readFileSync(path(name), 'latin1');
  return { sinks, path, logTo, read };
}

t.test('an exchange is counted and logged', async (t) => {
  const { sinks, logTo, read } = start(t);
  t.match(await sinks.configure(identity, logTo('a.log', '%RESPONSE_CODE% %ROUTE_NAME%\n')), {
    ok: true,
  });
  sinks.record(testStreamInfo());
  sinks.record(testStreamInfo());
  await sinks.close();
  t.equal(read('a.log'), '200 canary\n200 canary\n');
  t.match(prometheusText(sinks.registry), /^istio_requests_total\{.*\} 2$/m);
});

t.test('metrics follow the identity of the proxy', async (t) => {
  const { sinks } = start(t);
  await sinks.configure(identity, telemetryOf());
  const info = testStreamInfo();
  sinks.record(info);
  const labels = { ...identity.labels, app: 'renamed' };
  await sinks.configure({ ...identity, labels }, telemetryOf());
  sinks.record(info);
  sinks.record(info);
  await sinks.configure({ ...identity, labels: { ...labels } }, telemetryOf());
  sinks.record(info);
  const text = prometheusText(sinks.registry);
  t.match(text, /^istio_requests_total\{.*source_app="renamed".*\} 3$/m);
  t.match(text, /^istio_requests_total\{.*source_app="unknown".*\} 1$/m, 'the old ones stay');
});

t.test('without an access log exchanges are counted all the same', async (t) => {
  const { sinks } = start(t);
  t.match(await sinks.configure(identity, telemetryOf()), { ok: true });
  sinks.record(testStreamInfo());
  t.match(prometheusText(sinks.registry), /^istio_requests_total\{.*\} 1$/m);
});

t.test('another configuration moves the log, and loses no line', async (t) => {
  const { sinks, logTo, read } = start(t);
  await sinks.configure(identity, logTo('a.log', 'a\n'));
  sinks.record(testStreamInfo());
  await sinks.configure(identity, logTo('b.log', 'b\n'));
  sinks.record(testStreamInfo());
  t.equal(read('a.log'), 'a\n', 'the old one is written out');
  await sinks.configure(identity, telemetryOf());
  sinks.record(testStreamInfo());
  t.equal(read('b.log'), 'b\n');
});

t.test('the same configuration keeps the log open', async (t) => {
  const { sinks, path, logTo, read } = start(t);
  await sinks.configure(identity, logTo('a.log', 'a\n'));
  renameSync(path('a.log'), path('moved.log'));
  await sinks.configure(identity, logTo('a.log', 'a\n'));
  t.notOk(existsSync(path('a.log')));
  await sinks.reopen();
  sinks.record(testStreamInfo());
  await sinks.close();
  t.equal(read('a.log'), 'a\n');
});

t.test('what is wrong of traces does not hold up the log, and all is told', async (t) => {
  const { sinks, logTo, read } = start(t);
  const url = 'nowhere';
  const collector = { protocol: 'zipkin', url, headers: {}, timeoutMs: 100 } as const;
  const tracing = tracingSettings({ collector });
  const withTraces = (telemetry: MeshTelemetry): MeshTelemetry =>
    telemetryOf({ ...telemetry.client, tracing });
  const traced = await sinks.configure(identity, withTraces(logTo('a.log', 'a\n')));
  t.match(traced, { ok: false, error: /^tracing: Invalid URL$/ });
  sinks.record(testStreamInfo());
  const both = await sinks.configure(identity, withTraces(logTo('b.log', '%NO_SUCH_THING%')));
  t.match(both, { ok: false, error: /^tracing: Invalid URL; access log format: / });
  sinks.record(testStreamInfo());
  await sinks.close();
  t.equal(read('a.log'), 'a\na\n');
});

t.test('an error leaves the log as it was', async (t) => {
  const { sinks, path, logTo, read } = start(t);
  await sinks.configure(identity, logTo('a.log', 'a\n'));
  const noFolder = await sinks.configure(identity, logTo('none/a.log', 'a\n'));
  t.match(noFolder, { ok: false, error: new RegExp(`^access log ${path('none/a.log')}: ENOENT`) });
  const noFormat = await sinks.configure(identity, logTo('b.log', '%NO_SUCH_THING%'));
  t.match(noFormat, { ok: false, error: /^access log format: / });
  t.notOk(existsSync(path('b.log')));
  sinks.record(testStreamInfo());
  await sinks.close();
  t.equal(read('a.log'), 'a\n');
});
