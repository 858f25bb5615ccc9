/**
 * What may happen to the files of a configuration while it serves: the last good version goes on,
 * the log says what is wrong and where, and what is well again is used at once.
 */

import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { eventually } from '../support/deadline.ts';
import { edgeConfig } from '../support/edge-proxy.ts';
import { freePort } from '../support/free-port.ts';
import { headerValue } from '../support/http-reader.ts';
import { getRequest, RawConnection } from '../support/raw-client.ts';
import { ok, scriptedOrigin } from '../support/scripted-origin.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const soon = { within: 15_000, every: 10 };

/** The proxy on `rules/` below a folder, and a client that asks all the time. */
async function start(t: Test, lay: (folder: string, text: (version: number) => string) => void) {
  const origin = await scriptedOrigin(() => ok('well'));
  const folder = tempFolder();
  const text = (version: number): string =>
    edgeConfig(
      origin.port,
      `  - headers: {response: {set: {x-version: "${version}"}}}
    route: [{destination: {host: origin.test, port: {number: 80}}}]`,
    );
  lay(folder.path, text);
  const port = await freePort();
  const rules = join(folder.path, 'rules');
  const args = ['-f', rules, '--port', `8080=${port}`, '--outbound', 'off', '--access-log', 'off'];
  const proxy = await SluiceProcess.start(args);
  const client = await constantClient(port);
  t.teardown(async () => {
    client.stop();
    await proxy.kill();
    await origin.stop();
    folder.remove();
  });
  return {
    ...{ proxy, client, folder: folder.path, rules, text },
    said: (what: RegExp) => eventually(`${what}`, soon, () => what.test(proxy.stderr)),
    serves: (version: number) =>
      eventually(`version ${version}`, soon, () => client.version === String(version)),
    lastLoadIsGood: async (): Promise<boolean> => {
      const { body } = await proxy.admin('/stats/prometheus');
      return /^sluice_config_last_reload_successful 1$/m.test(body);
    },
  };
}

interface ConstantClient {
  /** Of the last answer. */
  version: string;
  readonly wrong: string[];
  stop(): void;
}

async function constantClient(port: number): Promise<ConstantClient> {
  let isRunning = true;
  const client: ConstantClient = {
    version: '',
    wrong: [],
    stop: () => {
      isRunning = false;
    },
  };
  const connection = await RawConnection.connect({ port });
  void (async () => {
    try {
      while (isRunning) {
        connection.write(getRequest('/', 'a'));
        const { status, headers } = await connection.readResponse();
        if (status !== 200) client.wrong.push(`status ${status}`);
        client.version = headerValue(headers, 'x-version') ?? '';
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } catch (error) {
      if (isRunning) client.wrong.push(String(error));
    } finally {
      connection.destroy();
    }
  })();
  return client;
}

function layFolder(folder: string, text: (version: number) => string): void {
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'rules/edge.yaml'), text(1));
}

t.test('the folder vanishes, and comes back', async (t) => {
  const { client, rules, text, said, serves, lastLoadIsGood } = await start(t, layFolder);
  await serves(1);
  t.ok(await lastLoadIsGood());
  renameSync(rules, `${rules}.away`);
  await said(/error \[config\] SLC0001 cannot read: there is no such file or folder \(.*rules\)/);
  await said(/keeps its last good version/);
  await eventually('the load counts as bad', soon, async () => !(await lastLoadIsGood()));
  await serves(1);
  mkdirSync(rules);
  writeFileSync(join(rules, 'edge.yaml'), text(2));
  await serves(2);
  rmSync(rules, { recursive: true });
  mkdirSync(rules);
  writeFileSync(join(rules, 'edge.yaml'), text(3));
  await serves(3);
  t.same(client.wrong, []);
});

t.test('files that are no configuration', async (t) => {
  const { client, rules, text, said, serves } = await start(t, layFolder);
  const path = join(rules, 'edge.yaml');
  let version = 1;
  await serves(version);
  const garbage = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 37 + 11) % 256));
  const cases: readonly [what: string, spoil: () => void, said: RegExp][] = [
    [
      'half a file',
      () => writeFileSync(path, text(99).slice(0, text(99).indexOf('virtual') - 40)),
      /error \[config\].*edge\.yaml/,
    ],
    ['binary garbage', () => writeFileSync(path, garbage), /the file is not UTF-8.*edge\.yaml/],
    [
      'bytes without a line',
      () => writeFileSync(path, '\0'.repeat(1000)),
      /error \[config\].*edge\.yaml/,
    ],
    [
      'a file of 100 MB',
      () => truncateSync(path, 100_000_000),
      /the file is larger than 16 MiB \(.*edge\.yaml\)/,
    ],
    [
      'a folder in its place',
      () => {
        rmSync(path);
        mkdirSync(path);
      },
      /error|warning/,
    ],
    [
      'a link that leads to itself',
      () => {
        rmSync(path, { recursive: true });
        symlinkSync(path, path);
      },
      /a symbolic link that leads to itself \(.*edge\.yaml\)/,
    ],
  ];
  for (const [what, spoil, complaint] of cases) {
    t.comment(what);
    spoil();
    await said(complaint);
    t.equal(client.version, String(version), `${what}: the last good version serves`);
    const next = join(rules, '.next');
    writeFileSync(next, text(++version));
    rmSync(path, { recursive: true, force: true });
    renameSync(next, path);
    await serves(version);
    t.same(client.wrong, [], what);
  }
});

t.test('a ConfigMap is swapped many times', async (t) => {
  const lay = (folder: string, text: (version: number) => string): void => {
    const rules = join(folder, 'rules');
    mkdirSync(join(rules, '..v1'), { recursive: true });
    writeFileSync(join(rules, '..v1/edge.yaml'), text(1));
    symlinkSync('..v1', join(rules, '..data'));
    symlinkSync('..data/edge.yaml', join(rules, 'edge.yaml'));
  };
  const { proxy, client, rules, text, serves } = await start(t, lay);
  await serves(1);
  // As the kubelet does it: a new folder, a link beside, renamed over the old one.
  for (let version = 2; version <= 6; version++) {
    mkdirSync(join(rules, `..v${version}`));
    writeFileSync(join(rules, `..v${version}/edge.yaml`), text(version));
    symlinkSync(`..v${version}`, join(rules, '..data_tmp'));
    renameSync(join(rules, '..data_tmp'), join(rules, '..data'));
    rmSync(join(rules, `..v${version - 1}`), { recursive: true });
    await serves(version);
  }
  t.notMatch(proxy.stderr, /error \[config\]/);
  t.same(client.wrong, []);
});
