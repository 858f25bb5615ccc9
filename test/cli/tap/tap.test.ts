import { once } from 'node:events';
import t, { type Test } from 'tap';
import { eventually } from '../../support/deadline.ts';
import { freePort } from '../../support/free-port.ts';
import { startObservedProxy } from '../../support/observed-proxy.ts';
import { runCommand, SluiceProcess, spawnSluice } from '../../support/sluice-process.ts';
import { Terminal, terminalMissing } from '../../support/terminal.ts';

const soon = { within: 15_000 };
const observed = await startObservedProxy(t);
const { admin, request } = observed;

/** `sluice tap` as a child process, already connected. */
class Tap {
  stdout = '';
  stderr = '';
  hasEnded = false;
  readonly ended: Promise<number | null>;
  readonly #child: ReturnType<typeof spawnSluice>;

  private constructor(t: Test, args: readonly string[]) {
    this.#child = spawnSluice(['tap', ...args], {});
    this.#child.stdout?.on('data', (data) => {
      this.stdout += data;
    });
    this.#child.stderr?.on('data', (data) => {
      this.stderr += data;
    });
    this.ended = once(this.#child, 'close').then(([code]) => {
      this.hasEnded = true;
      return code as number | null;
    });
    t.teardown(() => this.#child.kill('SIGKILL'));
  }

  /** The titles come when it has been answered. */
  static async start(t: Test, ...args: string[]): Promise<Tap> {
    const tap = new Tap(t, ['--admin', admin, ...args]);
    await eventually('titles of tap', soon, () => tap.stdout.startsWith('TIME '));
    return tap;
  }

  get lines(): string[] {
    return this.stdout.trimEnd().split('\n').slice(1);
  }

  /** As `head` does when it has read enough. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }
}

t.test('each request is a line, with where it went and what came of it', async (t) => {
  const tap = await Tap.start(t, '--limit', '3');
  for (const path of ['/a?b=c', '/teapot', '/broken']) await request(path);
  t.equal(await tap.ended, 0, 'the limit is reached');
  t.equal(tap.lines.length, 3);
  t.match(tap.lines, [
    /^\d\d:\d\d:\d\d\.\d{3} {5}200 {2}.* ms +\d+ ms {6}1 {2}web +127\.0\.0\.1:\d+ +GET .+\/a\?b=c$/,
    / 418 .+ 0 {2}teapot +- +GET /,
    / 503 {2}FI +.+ 0 {2}broken +- +GET /,
  ]);
  t.equal(tap.stderr, '');
});

t.test('a filter lets some through, and Ctrl-C ends it with exit code 0', async (t) => {
  const tap = await Tap.start(t, '--filter', 'status>=500 and route=~"br.*"');
  for (const path of ['/', '/teapot', '/broken/1', '/', '/broken/2']) await request(path);
  await eventually('two lines', soon, () => tap.lines.length === 2);
  t.match(tap.lines, [/\/broken\/1$/, /\/broken\/2$/]);
  tap.signal('SIGINT');
  t.equal(await tap.ended, 0);
  t.equal(tap.stderr, '');
});

t.test('as JSON each line is an object', async (t) => {
  const args = ['tap', '--output', 'json', '--limit', '1', '--admin', admin];
  const printed = runCommand(args);
  const asked = setInterval(() => void request('/teapot').catch(() => undefined), 100);
  const { code, stdout, stderr } = await printed;
  clearInterval(asked);
  t.match({ code, stderr }, { code: 0, stderr: '' });
  t.match(JSON.parse(stdout), { status: 418, route: 'teapot', attempts: 0, path: '/teapot' });
});

t.test('a reader that leaves ends it', async (t) => {
  const tap = await Tap.start(t);
  await request('/');
  await eventually('a line', soon, () => tap.lines.length === 1);
  tap.closeOutput();
  await eventually('the end', soon, async () => {
    await request('/');
    return tap.hasEnded;
  });
  t.equal(await tap.ended, 0);
});

t.test('a mistake in a filter has a caret below it', async (t) => {
  const table: readonly (readonly [string, RegExp, number])[] = [
    ['statu>=500', /^sluice: --filter: there is no field "statu"/, 0],
    ['status>=500 and (route=a', /a \) is missing/, 24],
    ['status 500', /is expected after "status"/, 7],
  ];
  for (const [filter, message, at] of table) {
    const { code, stdout, stderr } = await runCommand(['tap', '--filter', filter]);
    t.match({ code, stdout, stderr }, { code: 2, stdout: '', stderr: message });
    t.same(stderr.trimEnd().split('\n').slice(1), [`  ${filter}`, `  ${' '.repeat(at)}^`]);
  }
  t.match(await runCommand(['tap', '--limit', '0']), {
    code: 2,
    stderr: /"0" is no number from 1/,
  });
});

t.test('without a proxy it ends at once', async (t) => {
  const { code, stderr } = await runCommand(['tap', '--admin', `127.0.0.1:${await freePort()}`]);
  t.match({ code, stderr }, { code: 1, stderr: /^sluice: nothing listens on .+\n$/ });
});

const skip = terminalMissing() ?? false;

t.test(
  'on a terminal statuses are coloured, and titles come with every screen',
  { skip },
  async (t) => {
    const terminal = new Terminal(['tap', '--admin', admin], { columns: 90, rows: 10 });
    t.teardown(() => terminal.close());
    await eventually('titles', soon, () => terminal.lines()[0]?.startsWith('TIME ') === true);
    for (let i = 0; i < 20; i++) await request(i === 19 ? '/broken' : '/teapot');
    await eventually('the last line', soon, () =>
      terminal.lines().some((line) => / FI /.test(line)),
    );
    const history = terminal.history();
    t.ok(
      terminal.lines().some((line) => line.startsWith('TIME ')),
      'titles are on the screen',
    );
    t.equal(history.filter((line) => line.startsWith('TIME ')).length, 3);
    t.equal(history.filter((line) => / (418|503) /.test(line)).length, 20, 'no line is wrapped');
    t.match(terminal.coloured(), '\u001b[31m   503');
    terminal.press('C-c');
    await eventually('exit code', soon, () => terminal.lines().at(-1)?.endsWith('exit 0') === true);
  },
);

t.test('a reload changes nothing, and a proxy that is started again is found', async (t) => {
  const tap = await Tap.start(t);
  observed.folder.write('more.yaml', 'apiVersion: v1\nkind: Service\nmetadata: {name: b}\n');
  observed.proxy.signal('SIGHUP');
  await eventually('a reload', soon, async () => {
    return (await observed.proxy.admin('/api/v1/config')).body.includes('"version": 2');
  });
  await request('/after-reload');
  await eventually('a line', soon, () => tap.stdout.includes('/after-reload'));

  await observed.proxy.stop();
  await eventually('the end is told', soon, () => tap.stderr.includes(' has gone; waiting'));
  const again = await SluiceProcess.start(observed.args, { adminPort: observed.proxy.adminPort });
  t.teardown(() => again.kill());
  await eventually('the return is told', soon, () => tap.stderr.includes('the proxy is back'));
  await request('/after-restart');
  await eventually('a line', soon, () => tap.stdout.includes('/after-restart'));
  tap.signal('SIGTERM');
  t.equal(await tap.ended, 0);
});
