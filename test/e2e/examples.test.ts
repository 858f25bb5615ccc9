import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { spawnBound } from '../support/bound-child.ts';
import { prepareChildEnvironment } from '../support/child-environment.ts';
import { fencedBlocks, type ShownCommand, shownCommands } from '../support/console-blocks.ts';
import { eventually, within } from '../support/deadline.ts';
import { freePorts } from '../support/free-port.ts';
import { sluiceMain } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

// Every command in the README of every example is run as it stands there, on other ports, and
// prints what the README shows.

// Many commands, one after the other.
t.setTimeout(300_000);

const root = resolve(import.meta.dirname, '../..');
const examples = globSync('*/bootstrap.yaml', { cwd: join(root, 'config') })
  .map(dirname)
  .filter((name) => name !== 'bookinfo');
const documentedPorts = [8080, 8443, 15000, 15001, 9001, 9002, 9003, 9004];
const noCurl = spawnSync('curl', ['--version']).error !== undefined && 'curl is not installed';

interface Playground {
  /** A folder that holds config/ as a clone does. */
  readonly folder: string;
  readonly readme: string;
  readonly ports: ReadonlyMap<number, number>;
  /** Its Bootstrap says where the mesh listener is. */
  readonly hasOutbound: boolean;
}

/** A copy of the example in which every port is a free one. */
async function playground(t: Test, example: string): Promise<Playground> {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  cpSync(join(root, 'config'), join(folder.path, 'config'), { recursive: true });
  const free = await freePorts(documentedPorts.length);
  const ports = new Map(documentedPorts.map((port, index) => [port, free[index] ?? 0]));
  const withFreePorts = (text: string) =>
    text.replaceAll(/(?<=[:=] ?)\d{4,5}\b/g, (port) => String(ports.get(Number(port)) ?? port));
  for (const file of globSync(join(folder.path, 'config', example, '*'))) {
    writeFileSync(file, withFreePorts(readFileSync(file, 'utf8')));
  }
  const read = (name: string) => readFileSync(join(folder.path, 'config', example, name), 'utf8');
  const hasOutbound = read('bootstrap.yaml').includes('outbound:');
  return { folder: folder.path, readme: read('README.md'), ports, hasOutbound };
}

/** The first draws of this one are the usual ones: v1 of a split of 90 to 10. */
const seed = 2;

const npmCommand = 'npm run -s sluice --';
const ownCommand = `"${process.execPath}" "${sluiceMain}"`;

/** The data of whoever runs the tests are not for these processes. */
function environment({ folder }: Playground): NodeJS.ProcessEnv {
  return prepareChildEnvironment({ XDG_DATA_HOME: join(folder, 'data') });
}

function startCommand(t: Test, command: string, ground: Playground): ChildProcess {
  const { ports } = ground;
  const program = command.startsWith(npmCommand)
    ? command.replace(npmCommand, `exec ${ownCommand}`) +
      ` --admin 127.0.0.1:${ports.get(15000)}` +
      (ground.hasOutbound ? '' : ` --outbound 127.0.0.1:${ports.get(15001)}`) +
      // What a README shows of one call in ten must not be the one in ten.
      ` --seed ${seed}`
    : command.replace(/^node /, `exec "${process.execPath}" `);
  const env = environment(ground);
  const child = spawnBound('sh', ['-c', program], { cwd: ground.folder, env, stdio: 'ignore' });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  t.teardown(async () => {
    child.kill('SIGTERM');
    await within(10_000, `the end of ${command}`, exited);
  });
  return child;
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}

async function startExample(t: Test, ground: Playground): Promise<void> {
  const [commands = []] = fencedBlocks(ground.readme, 'sh');
  t.equal(commands.length, 2, 'one command for the services, one for the proxy');
  for (const command of commands) startCommand(t, command, ground);
  const upstreams = [...(commands[0] ?? '').matchAll(/=(\d+)/g)].map((match) => Number(match[1]));
  const gateway = ground.ports.get(8080) ?? 0;
  await eventually('the example to listen', { within: 60_000, every: 25 }, async () => {
    const open = await Promise.all([...upstreams, gateway].map(accepts));
    return open.every(Boolean);
  });
}

/** `for i in $(seq 200); do curl …; done`, with nothing kept between its calls. */
const loop = /for i in \$\(seq (\d+)\); do curl ((?:(?! -c )[^;&|])*); done/;

/**
 * A loop of curl is one curl: a process for each of hundreds of requests takes most of the time
 * that the commands take. Each request still has a connection of its own, as it has in a process.
 */
function joined(command: string): string {
  return command.replace(loop, (_loop, count: string, args: string) => {
    const calls = Array.from({ length: Number(count) }, (_, index) =>
      args.replaceAll('$i', String(index + 1)),
    );
    return `curl ${calls.map((call) => `-H 'connection: close' ${call}`).join(' --next ')}`;
  });
}

function run(command: string, ground: Playground): Promise<string[]> {
  const program = joined(command).replace(npmCommand, ownCommand);
  const child = spawn('sh', ['-c', program], { cwd: ground.folder, env: environment(ground) });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return new Promise((done) => {
    child.once('close', () => done(output === '' ? [] : output.trimEnd().split('\n')));
  });
}

/** Counts of `uniq -c` vary by chance; everything else is exact, but for generated cookies. */
function checkOutput(t: Test, shown: ShownCommand, lines: readonly string[]): void {
  const counted = /^ *(\d+) (.*)$/;
  const shape = (line: string) =>
    line
      .replace(/"[0-9a-f]{16}"/, '"generated"')
      .replace(/^ +\d+ /, 'N ')
      .replaceAll('\r', '');
  t.same(lines.map(shape), shown.output.map(shape), shown.command);
  const counts = (each: readonly string[]) =>
    each.filter((line) => line.startsWith(' ')).map((line) => Number(counted.exec(line)?.[1]));
  const expected = counts(shown.output);
  const total = expected.reduce((sum, count) => sum + count, 0);
  for (const [index, count] of counts(lines).entries()) {
    const mean = expected[index] ?? 0;
    // Five standard deviations: chance fails this about once in two million runs.
    const spread = 5 * Math.sqrt((mean * (total - mean)) / total);
    t.ok(Math.abs(count - mean) <= spread, `${count} is ${mean} give or take ${spread.toFixed(0)}`);
  }
}

t.test('there is an example for each of the usual jobs', async (t) => {
  t.same(examples.sort(), [
    'canary',
    'circuit-breaker',
    'dark-release',
    'fault-injection',
    'gateway-api',
    'health-checks',
    'local-ingress',
    'sticky-canary',
    'sticky-sessions',
    'tcp-routing',
    'telemetry',
    'tls-gateway',
    'tls-origination',
    'toxics',
  ]);
});

for (const example of examples) {
  t.test(`the commands of config/${example} do what they show`, { skip: noCurl }, async (t) => {
    const ground = await playground(t, example);
    await startExample(t, ground);
    const commands = shownCommands(ground.readme);
    t.ok(commands.length >= 3, 'there is something to try');
    for (const shown of commands) {
      checkOutput(t, shown, await run(shown.command, ground));
    }
  });
}
