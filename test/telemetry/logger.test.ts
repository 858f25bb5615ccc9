import t from 'tap';
import { LogRoot } from '../../src/telemetry/logger.ts';
import { ManualClock } from '../support/manual-clock.ts';

function setUp(encoding: 'text' | 'json' = 'text') {
  const lines: string[] = [];
  const clock = new ManualClock(0, Date.UTC(2026, 10, 21));
  const root = new LogRoot({ clock, write: (line) => void lines.push(line), encoding });
  return { lines, root };
}

t.test('a text line has time, level, component, message and pairs', (t) => {
  const { lines, root } = setUp();
  root.logger('config').info('loaded', { version: 3, file: 'a b.yaml', quoted: 'x"y', empty: '' });
  t.same(lines, [
    '2026-11-21T00:00:00.000Z info [config] loaded version=3 file="a b.yaml" quoted="x\\"y" empty=""\n',
  ]);
  t.end();
});

t.test('a JSON line has the same as members', (t) => {
  const { lines, root } = setUp('json');
  root.logger('config').error('failed', { file: 'a.yaml' });
  t.same(JSON.parse(lines[0] ?? ''), {
    time: '2026-11-21T00:00:00.000Z',
    level: 'error',
    component: 'config',
    message: 'failed',
    file: 'a.yaml',
  });
  t.end();
});

t.test('text from outside cannot begin a line of its own', (t) => {
  const { lines, root } = setUp();
  root.logger('config').warning('bad\nfile \x1b[31m', { name: 'a\nb' });
  t.equal(lines[0]?.split('\n').length, 2);
  t.notMatch(lines[0], '\x1b');
  t.end();
});

t.test('fields colour no terminal, in either form', (t) => {
  for (const encoding of ['text', 'json'] as const) {
    const { lines, root } = setUp(encoding);
    root
      .logger('config')
      .info('m', { a: '\x1b[31mred', b: '\x9b31m', c: 'x\x7fy', d: 'gr\u00fcn' });
    t.notMatch(lines[0]?.trimEnd(), /\p{Cc}/u);
    t.match(lines[0], /\\u001b\[31mred.*\\u009b31m.*x\\u007fy.*gr\u00fcn/);
  }
  t.end();
});

t.test('levels hold for each component and can be changed while it runs', (t) => {
  const { lines, root } = setUp();
  const config = root.logger('config');
  const admin = root.logger('admin');
  config.debug('quiet');
  t.ok(root.setLevel('config', 'debug'));
  config.debug('loud');
  admin.debug('quiet');
  t.notOk(root.setLevel('nothing', 'debug'));
  root.setLevel(null, 'off');
  config.error('quiet');
  root.setLevel(null, 'warning');
  root.logger('late').info('quiet');
  admin.warning('loud');
  t.same(
    lines.map((line) => line.split(' ').slice(1).join(' ')),
    ['debug [config] loud\n', 'warning [admin] loud\n'],
  );
  t.same(
    [...root.levels()],
    [
      ['config', 'warning'],
      ['admin', 'warning'],
      ['late', 'warning'],
    ],
  );
  t.end();
});
