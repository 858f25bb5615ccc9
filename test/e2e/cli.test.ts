/** The command line as a contract: exit codes, one-line errors, help. */

import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { hasStackTrace } from '../support/findings.ts';
import { freePort } from '../support/free-port.ts';
import { type ExitResult, runCommand } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const good = `
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80}]}
`;
const unknownField = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  http:
  - route: [{destination: {host: web}, weighting: 1}]
`;
const broken = 'apiVersion: v1\nkind: [Service\n';

const commands = ['run', 'demo', 'analyze'];

const folder = tempFolder({
  'good/a.yaml': good,
  'unknown/a.yaml': unknownField,
  'broken/a.yaml': broken,
});
t.teardown(() => folder.remove());
const path = (name: string): string => join(folder.path, name);

// Some thirty processes are started.
t.setTimeout(120_000);

t.test('wrong usage exits with 2', async (t) => {
  const table: readonly (readonly string[])[] = [
    ['nonsense'],
    ['run'],
    ['run', '-f'],
    ['run', '-f', path('good'), '--nonsense'],
    ['run', '-f', path('good'), '--outbound', 'nowhere'],
    ['run', '-f', path('good'), '--outbound', '127.0.0.1:99999'],
    ['run', '-f', path('good'), '--port', '80'],
    ['run', '-f', path('good'), '--labels', '=x'],
    ['run', '-f', path('good'), '--workload', 'web'],
    ['run', '-f', path('good'), '--drain-time', 'soon'],
    ['run', '-f', path('good'), '--seed', 'x'],
    ['analyze'],
    ['analyze', '-f', path('good'), '--output', 'xml'],
  ];
  for (const args of table) {
    const result = await runCommand(args);
    t.equal(result.code, 2, args.slice(0, 1).concat(args.slice(-2)).join(' '), { ...result });
    checkError(t, result);
  }
});

t.test('a configuration that is refused exits with 1', async (t) => {
  const table = ['missing', 'unknown', 'broken'];
  for (const name of table) {
    for (const command of ['run', 'analyze']) {
      const admin = command === 'run' ? ['--admin', `127.0.0.1:${await freePort()}`] : [];
      const result = await runCommand([command, '-f', path(name), ...admin]);
      t.equal(result.code, 1, `${command} ${name}`, { ...result });
      t.notOk(hasStackTrace(result.stderr + result.stdout), 'no stack trace');
      t.match(result.stderr + result.stdout, name === 'missing' ? /missing/ : /a\.yaml:\d+:\d+/);
    }
  }
});

t.test('a port that is taken exits with 1', async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', () => resolve()));
  t.teardown(() => taken.close());
  const address = taken.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const admin = `127.0.0.1:${await freePort()}`;
  for (const flags of [
    ['--admin', admin, '--outbound', `127.0.0.1:${port}`],
    ['--admin', `127.0.0.1:${port}`, '--outbound', admin],
  ]) {
    const result = await runCommand(['run', '-f', path('good'), ...flags]);
    t.equal(result.code, 1, flags.join(' '), { ...result });
    checkError(t, result);
    t.match(result.stderr, new RegExp(`${port}`), 'names the port');
  }
});

t.test('--help', async (t) => {
  const general = await runCommand(['--help']);
  t.equal(general.code, 0);
  for (const command of commands) t.match(general.stdout, new RegExp(`\\b${command}\\b`));
  for (const command of commands) {
    const result = await runCommand([command, '--help']);
    t.equal(result.code, 0, `${command} --help`, { ...result });
    t.match(result.stdout, /example/i, `${command}: with examples`);
  }
});

t.test('version', async (t) => {
  const result = await runCommand(['version']);
  t.equal(result.code, 0);
  t.match(result.stdout, /\d+\.\d+\.\d+/);
});

t.test('configuration from standard input', async (t) => {
  const result = await runCommand(['analyze', '-f', '-'], { stdin: good });
  t.equal(result.code, 0, 'nothing found', { ...result });
});

/** A line of the log, such as of a name that has no address. */
const logLine = /^\d{4}-\d\d-\d\dT\S+Z /;

/** One line `sluice: what is wrong`, and no stack trace. */
function checkError(
  t: { ok: (value: unknown, name: string) => unknown },
  result: ExitResult,
): void {
  const lines = result.stderr.split('\n').filter((line) => !logLine.test(line));
  t.ok(lines[0]?.startsWith('sluice: '), `says what is wrong: ${lines[0]}`);
  t.ok(!hasStackTrace(result.stderr), 'no stack trace');
}
