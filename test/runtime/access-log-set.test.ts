import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { FileAccessLog } from '../../src/model/access-log-settings.ts';
import { AccessLogSet } from '../../src/runtime/access-log-set.ts';
import { LogRoot } from '../../src/telemetry/logger.ts';
import type { StreamInfo } from '../../src/telemetry/stream-info.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { meshOf, telemetryOf } from '../support/mesh-models.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { testStreamInfo } from '../telemetry/stream-info-fixture.ts';

type LogFields = Partial<FileAccessLog> & { readonly format: string };

function start(t: Test) {
  const clock = new ManualClock();
  const folder = tempFolder();
  const root = new LogRoot({ clock, write: () => undefined });
  const logs = new AccessLogSet(new ManualTimers(clock), root.logger('access-log'));
  t.teardown(async () => {
    await logs.close();
    folder.remove();
  });
  const path = (name: string): string => join(folder.path, name);
  const configure = (name: string, ...settings: readonly LogFields[]) =>
    logs.configure(
      meshOf({}).proxy,
      telemetryOf({
        accessLogs: settings.map((one) => ({
          ...{ kind: 'file', path: path(name), filter: null, encoding: 'text' },
          ...one,
        })),
      }),
    );
  const record = (info: StreamInfo): void => {
    for (const log of logs.client) log.write(info);
  };
  const read = (name: string): string => readFileSync(path(name), 'latin1');
  return { logs, path, configure, record, read };
}

function withStatus(status: number): StreamInfo {
  const info = testStreamInfo();
  info.status = status;
  return info;
}

t.test('each log has its own filter and format', async (t) => {
  const { logs, path, configure, record, read } = start(t);
  const line = '%RESPONSE_CODE%\n';
  const failed = { path: path('failed.log'), filter: 'response.code >= 400', format: line };
  const slow = { filter: 'request.duration > duration("1s")', format: line };
  t.match(await configure('all.log', { format: line }, failed, slow), { ok: true });
  for (const status of [200, 404, 0, 503]) record(withStatus(status));
  await logs.close();
  t.equal(read('all.log'), '200\n404\n0\n503\n');
  t.equal(read('failed.log'), '404\n503\n', 'what has no code cannot be compared');
});

t.test('logs of one path share one file, whole lines one behind the other', async (t) => {
  const { logs, path, configure, record, read } = start(t);
  const json = {
    encoding: 'json',
    format: '{"code":"%RESPONSE_CODE%","naïve":"%REQ(X)%"}',
  } as const;
  await configure('a.log', { format: 'text %RESPONSE_CODE%\n' }, json);
  record(withStatus(200));
  renameSync(path('a.log'), path('a.log.1'));
  await logs.reopen();
  record(withStatus(404));
  await logs.close();
  t.equal(
    Buffer.from(read('a.log.1'), 'latin1').toString(),
    'text 200\n{"code":200,"naïve":null}\n',
  );
  t.equal(Buffer.from(read('a.log'), 'latin1').toString(), 'text 404\n{"code":404,"naïve":null}\n');
});

t.test('another format goes on in the open file', async (t) => {
  const { logs, path, configure, record, read } = start(t);
  await configure('a.log', { format: 'old\n' });
  record(withStatus(200));
  renameSync(path('a.log'), path('moved.log'));
  await configure('a.log', { format: 'new\n' });
  record(withStatus(200));
  await logs.close();
  t.equal(read('moved.log'), 'old\nnew\n');
  t.notOk(existsSync(path('a.log')));
});

t.test('a filter that is wrong is said, and the logs stay as they were', async (t) => {
  const { logs, configure, record, read } = start(t);
  await configure('a.log', { format: 'a\n' });
  const cases: readonly (readonly [filter: string, error: RegExp])[] = [
    ['response.code >=', /^access log filter "response.code >=": .* at character 17$/],
    ['response.status == 1', /No such key: status/],
    ['"text"', /is a string, not a bool$/],
  ];
  for (const [filter, error] of cases) {
    t.match(await configure('b.log', { format: 'b\n', filter }), { ok: false, error }, filter);
  }
  record(withStatus(200));
  await logs.close();
  t.equal(read('a.log'), 'a\n');
});

t.test('counters are those of all logs, and outlive them', async (t) => {
  const { logs, configure, record } = start(t);
  const written = (): number | undefined =>
    [...logs.samples()].find(({ name }) => name === 'filesystem.write_buffered')?.value;
  await configure('a.log', { format: 'a\n' }, { format: 'b\n' });
  record(withStatus(200));
  await configure('b.log', { format: 'a\n' });
  record(withStatus(200));
  // Lines are made some at a time; before a file is opened again those that wait are.
  await logs.reopen();
  t.equal(written(), 3);
});

t.test('a hundred logs each get their lines', async (t) => {
  const { logs, path, configure, record, read } = start(t);
  const names = Array.from({ length: 100 }, (_, i) => `log-${i}`);
  await configure('', ...names.map((name) => ({ path: path(name), format: `${name}\n` })));
  record(withStatus(200));
  await logs.reopen();
  record(withStatus(200));
  await logs.close();
  t.same(
    names.filter((name) => read(name) !== `${name}\n${name}\n`),
    [],
  );
});
