/**
 * h2spec, strict, against a tiny server on the HTTP/2 codec: frames, streams, windows, settings,
 * HPACK. It is taken from PATH or Go's own folder, or built once where there is a Go; without either
 * the test is skipped.
 */

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import t from 'tap';
import { root } from '../repo/source-tree.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { startTinyHttp2Server } from '../support/tiny-http2-server.ts';

const module = 'github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible';

/** Cases that there are; fewer would mean that some were not run. */
const cases = 146;

function output(command: string, args: readonly string[], env = process.env): string | null {
  const result = spawnSync(command, args, { env, encoding: 'utf8', timeout: 120_000 });
  return result.status === 0 ? result.stdout.trim() : null;
}

function findInstalled(): string | undefined {
  const goPath = output('go', ['env', 'GOPATH']);
  const folders = (process.env.PATH ?? '').split(delimiter);
  if (goPath !== null) folders.push(join(goPath, 'bin'));
  return folders.map((folder) => join(folder, 'h2spec')).find((path) => existsSync(path));
}

/** The path of the program, or null. */
function findH2spec(): string | null {
  const installed = findInstalled();
  if (installed !== undefined) return installed;
  const folder = join(root, 'node_modules/.cache/h2spec');
  const built = join(folder, 'h2spec');
  if (existsSync(built)) return built;
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' };
  output('go', ['install', module], env);
  return existsSync(built) ? built : null;
}

async function run(program: string, port: number, report: string): Promise<void> {
  const args = ['--strict', '-h', '127.0.0.1', '-p', String(port), '-o', '2', '-j', report];
  const child = spawn(program, args, { stdio: 'ignore' });
  await new Promise((resolve) => {
    child.once('close', resolve);
  });
}

const program = findH2spec();

t.test(
  'h2spec finds nothing',
  { skip: program === null ? 'no h2spec, and no Go to build it with' : false },
  async (t) => {
    const server = await startTinyHttp2Server({ body: Buffer.from('hello from h2spec\n') });
    const folder = tempFolder();
    const report = join(folder.path, 'report.xml');
    await run(program ?? '', (server.address() as AddressInfo).port, report);
    server.close();
    const xml = readFileSync(report, 'utf8');
    folder.remove();
    const results = [
      ...xml.matchAll(/<testcase package="(.*?)" classname="(.*?)".*?<\/testcase>/gs),
    ];
    t.equal(results.length, cases);
    const failed = results.filter(([text]) => /<(failure|error|skipped)/.test(text));
    t.same(
      failed.map(([, section, name]) => `${section}: ${name}`),
      [],
    );
  },
);
