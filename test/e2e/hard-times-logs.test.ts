/** Logs that cannot be written: no request notices, one line says so, and it goes on afterwards. */

import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { spawnBound } from '../support/bound-child.ts';
import { prepareChildEnvironment } from '../support/child-environment.ts';
import { eventually, within } from '../support/deadline.ts';
import { type EdgeProxy, edgeConfig, startEdgeProxy } from '../support/edge-proxy.ts';
import { freePort } from '../support/free-port.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { ok, scriptedOrigin } from '../support/scripted-origin.ts';
import { sluiceMain } from '../support/sluice-process.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';

const soon = { within: 10_000 };

async function start(t: Test, args: readonly string[]): Promise<EdgeProxy> {
  const origin = await scriptedOrigin(() => ok('well'));
  const edge = await startEdgeProxy({ originPort: origin.port, args });
  t.teardown(() => Promise.all([edge.stop(), origin.stop()]));
  return edge;
}

/** All are answered, whatever becomes of their lines. */
async function ask(t: Test, edge: EdgeProxy, count: number): Promise<void> {
  const statuses = new Set<number>();
  for (let i = 0; i < count; i++) {
    statuses.add((await exchange(getRequest(`/${i}`, 'a'), { port: edge.port })).status);
  }
  t.same([...statuses], [200], `${count} requests`);
}

async function stat(edge: EdgeProxy, name: string): Promise<number> {
  const { body } = await edge.proxy.admin(`/stats?filter=${name}`);
  return Number(/: (\d+)/.exec(body)?.[1]);
}

function said({ proxy }: EdgeProxy, text: string): number {
  return proxy.stderr.split(text).length - 1;
}

t.test('a full disk takes no line, and costs no request', async (t) => {
  const edge = await start(t, ['--access-log', '/dev/full']);
  for (let round = 1; round <= 3; round++) {
    await ask(t, edge, 10);
    await eventually('the lines are dropped', soon, async () => {
      return (await stat(edge, 'access_log_lines_dropped')) === 10 * round;
    });
  }
  t.ok((await stat(edge, 'filesystem.write_failed')) >= 3);
  t.equal(said(edge, 'access log cannot be written'), 1, 'one line in all');
  t.match(edge.proxy.stderr, /error \[access-log\] .* path=\/dev\/full error="ENOSPC: /);
  t.equal((await edge.proxy.stop()).code, 0);
});

/** A disk of 64 KiB; null where it may not be mounted. */
function smallDisk(t: Test): TempFolder | null {
  const folder = tempFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'sluice-test', folder.path], {
      stdio: 'ignore',
    });
  } catch {
    folder.remove();
    return null;
  }
  t.teardown(() => {
    execFileSync('umount', ['-l', folder.path]);
    folder.remove();
  });
  return folder;
}

t.test('a disk that fills up and has room again: no line is torn', async (t) => {
  const disk = smallDisk(t);
  if (disk === null) {
    t.comment('skipped: this user may not mount a tmpfs');
    return;
  }
  const log = join(disk.path, 'access.log');
  const format = `%REQ(:PATH)% ${'x'.repeat(1000)} end`;
  const edge = await start(t, ['--access-log', log, '--access-log-format', format]);
  await ask(t, edge, 5);
  // Room for some lines and a part of another is left.
  const filler = disk.write('filler', 'f'.repeat(40 * 1024));
  await ask(t, edge, 40);
  await eventually(
    'the disk is full',
    soon,
    () => said(edge, 'access log cannot be written') === 1,
  );
  await ask(t, edge, 5);
  rmSync(filler);
  await ask(t, edge, 5);
  await eventually('it is written again', soon, async () => {
    await ask(t, edge, 1);
    return said(edge, 'access log is written again') === 1;
  });
  const dropped = await stat(edge, 'access_log_lines_dropped');
  t.match(edge.proxy.stderr, new RegExp(`written again path=${log} lost=${dropped}\n`));
  t.equal((await edge.proxy.stop()).code, 0);
  const lines = readFileSync(log, 'utf8').split('\n');
  t.equal(lines.pop(), '', 'the last line has its end');
  const wrong = lines.filter((line) => !/^\/\d+ x{1000} end$/.test(line));
  t.ok(wrong.length <= 1, 'at most the one that the disk refused in its middle');
  for (const line of wrong) t.match(line, /^\/\d+ x*( end?)?$/, 'nothing is joined to it');
});

t.test('the folder of the log is removed, and comes back', async (t) => {
  const logs = tempFolder();
  t.teardown(() => logs.remove());
  const folder = join(logs.path, 'sub');
  mkdirSync(folder);
  const log = join(folder, 'access.log');
  const edge = await start(t, ['--access-log', log]);
  await ask(t, edge, 3);
  rmSync(folder, { recursive: true });
  edge.proxy.signal('SIGUSR1');
  await eventually('it says so', soon, () => said(edge, 'the old file goes on') === 1);
  t.match(edge.proxy.stderr, /cannot be opened again, .* path=\S+access\.log error="ENOENT: /);
  t.equal(await stat(edge, 'filesystem.reopen_failed'), 1);
  await ask(t, edge, 3);
  t.equal(await stat(edge, 'access_log_lines_dropped'), 0);
  mkdirSync(folder);
  edge.proxy.signal('SIGUSR1');
  await eventually('the file is there', soon, () => {
    try {
      return readFileSync(log, 'utf8') === '';
    } catch {
      // Not yet.
      return false;
    }
  });
  await ask(t, edge, 2);
  t.equal((await edge.proxy.stop()).code, 0);
  t.equal(readFileSync(log, 'utf8').split('\n').length, 3);
});

for (const args of [[], ['--concurrency', '2']]) {
  t.test(`standard error on a full disk ${args.join(' ')}`, async (t) => {
    const origin = await scriptedOrigin(() => ok('well'));
    t.teardown(() => origin.stop());
    const folder = tempFolder({ 'edge.yaml': edgeConfig(origin.port) });
    t.teardown(() => folder.remove());
    const port = await freePort();
    const full = openSync('/dev/full', 'w');
    const child = spawnBound(
      process.execPath,
      [sluiceMain, 'run', '-f', folder.path, '--port', `8080=${port}`, '--outbound', 'off']
        .concat(['--admin', 'off', '--access-log', 'off'])
        .concat(args),
      { stdio: ['ignore', 'ignore', full], env: prepareChildEnvironment() },
    );
    closeSync(full);
    t.teardown(() => child.kill('SIGKILL'));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const answers = async (): Promise<boolean> => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      try {
        return (await exchange(getRequest('/', 'a'), { port })).status === 200;
      } catch {
        // Not listening yet.
        return false;
      }
    };
    await eventually('it serves', { within: 20_000, every: 50 }, answers);
    // More to say: a broken file, and one that is well again.
    writeFileSync(join(folder.path, 'broken.yaml'), 'kind: [');
    child.kill('SIGHUP');
    for (let i = 0; i < 20; i++) t.equal(await answers(), true);
    child.kill('SIGTERM');
    t.equal(await within(15_000, 'the end', ended), 0);
  });
}
