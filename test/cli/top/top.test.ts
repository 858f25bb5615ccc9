import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import t from 'tap';
import { eventually } from '../../support/deadline.ts';
import { freePort } from '../../support/free-port.ts';
import { startObservedProxy } from '../../support/observed-proxy.ts';
import { runCommand, SluiceProcess, spawnSluice } from '../../support/sluice-process.ts';
import { Terminal, terminalMissing } from '../../support/terminal.ts';

const soon = { within: 15_000 };
const size = { columns: 90, rows: 20 };
const { proxy, admin, args, request } = await startObservedProxy(t);
const top = ['top', '--admin', admin];

/** So that there is something in the last 10 seconds. */
async function traffic(): Promise<void> {
  for (const path of ['/', '/', '/', '/broken']) await request(path);
}

t.test('without a terminal it prints what happened in the last seconds, and ends', async (t) => {
  await traffic();
  const { code, stdout, stderr } = await runCommand([...top, '--by', 'route']);
  t.match({ code, stderr }, { code: 0, stderr: '' });
  t.match(
    stdout,
    /^last \d+ s: 0\.\d req\/s {2}\d+\.\d\d % success {2}p50 .+\n\nROUTE +REQ\/S +SUCCESS/,
  );
  t.match(stdout, /\n\*:\d+ \/ web +0\.\d +100 % .+\n\*:\d+ \/ broken +0\.\d +0\.00 %/);
  t.match(stdout, /\n127\.0\.0\.1:\d+ +web\.default v1 +healthy +- +0 +0\n/);
});

t.test('as JSON it has all groupings', async (t) => {
  await traffic();
  const { code, stdout } = await runCommand([...top, '--output', 'json', '--sort', 'success']);
  t.equal(code, 0);
  t.match(JSON.parse(stdout), {
    seconds: 10,
    total: { successShare: Number, p50: Number },
    services: [{ name: 'web.default', requestsPerSecond: Number }],
    routes: [{ successShare: 0 }, { successShare: 1 }],
    clusters: [{}, { name: 'outbound|80|v1|web.default.svc.cluster.local' }],
    endpoints: [{ health: 'healthy', requestsPerSecond: null }, {}],
  });
});

t.test('a proxy that cannot be asked, and wrong usage', async (t) => {
  const nobody = await runCommand(['top', '--admin', `127.0.0.1:${await freePort()}`]);
  t.match(nobody, { code: 1, stdout: '', stderr: /^sluice: nothing listens on .+\n$/ });
  t.match(await runCommand(['top', '--by', 'host']), {
    code: 2,
    stderr: /^sluice: .+ Allowed choices are service, route, cluster.+\n$/,
  });
});

const skip = terminalMissing() ?? false;

/** Waits for a line that matches. */
async function shows(terminal: Terminal, line: RegExp): Promise<void> {
  await eventually(`${line} on the screen`, soon, () => terminal.lines().some((l) => line.test(l)));
}

t.test('on a terminal it draws itself again, and obeys keys', { skip }, async (t) => {
  const terminal = new Terminal(top, size);
  t.teardown(() => terminal.close());
  await shows(terminal, /^q quit {3}s sort: requests {3}g group: service/);
  t.equal(terminal.showsAlternateScreen, true);
  t.equal(terminal.showsCursor, false);
  t.match(terminal.lines()[0], /^sluice top {3}127\.0\.0\.1:\d+ {3}LIVE {3}up .+\d\d:\d\d:\d\d$/);
  await traffic();
  await shows(terminal, /^web\.default +0\.\d +\d+\.\d\d % /);
  terminal.press('g');
  await shows(terminal, /^\*:\d+ \/ broken +0\.\d +0\.00 % /);
  terminal.press('s');
  await shows(terminal, /^q quit {3}s sort: success {3}g group: route/);
  terminal.resize({ columns: 50, rows: 12 });
  await eventually('fewer columns', soon, () => {
    const lines = terminal.lines();
    return lines.length === 12 && lines.some((line) => /^ROUTE .+ SUCCESS +P99$/.test(line));
  });
  terminal.press('q');
  await shows(terminal, /^exit 0$/);
  t.same(terminal.lines(), ['exit 0'], 'nothing is left behind');
  t.equal(terminal.showsAlternateScreen, false);
  t.equal(terminal.showsCursor, true);
});

t.test('Ctrl-C gives the terminal back, too', { skip }, async (t) => {
  const terminal = new Terminal(top, size);
  t.teardown(() => terminal.close());
  await shows(terminal, /^q quit/);
  terminal.press('C-c');
  await shows(terminal, /^exit 0$/);
  t.equal(terminal.showsAlternateScreen, false);
  t.equal(terminal.showsCursor, true);
});

t.test('a signal ends it while nobody has answered yet', async (t) => {
  let asked = (): void => undefined;
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  const silent = createServer((socket) => socket.on('error', () => undefined).once('data', asked));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.teardown(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const child = spawnSluice(['top', '--once', '--admin', `127.0.0.1:${port}`], {});
  t.teardown(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  await isAsked;
  child.kill('SIGINT');
  t.same(await exited, [null, 'SIGINT']);
});

t.test('a proxy that goes is told of, and found again', { skip }, async (t) => {
  const terminal = new Terminal(top, size);
  t.teardown(() => terminal.close());
  await shows(terminal, /^no requests|req\/s/);
  await proxy.stop();
  await shows(terminal, /^nothing listens on 127\.0\.0\.1:/);
  const again = await SluiceProcess.start(args, { adminPort: proxy.adminPort });
  t.teardown(() => again.kill());
  await shows(terminal, /^no requests {2}2\/2 healthy/);
  await traffic();
  await shows(terminal, /^web\.default +0\.\d /);
  again.signal('SIGSTOP');
  t.teardown(() => again.signal('SIGCONT'));
  await shows(terminal, /^no answer from 127\.0\.0\.1:\d+ for \d+ s/);
  terminal.press('q');
  await shows(terminal, /^exit 0$/);
});
