import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { spawnBound } from '../support/bound-child.ts';
import { prepareChildEnvironment } from '../support/child-environment.ts';
import { eventually, within } from '../support/deadline.ts';
import { freePorts } from '../support/free-port.ts';
import { sluiceMain } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const root = resolve(import.meta.dirname, '../..');

interface DemoFolder {
  readonly path: string;
  /** The port that stands in for a documented one. */
  port(documented: number): number;
}

/** A copy of config/bookinfo whose addresses are free ones. */
async function demoFolder(t: Test): Promise<DemoFolder> {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  cpSync(join(root, 'config/bookinfo'), folder.path, { recursive: true });
  const file = join(folder.path, 'bootstrap.yaml');
  const documented = [9101, 9102, 9103, 9111, 9112, 9113, 15001, 15000, 8080];
  const free = await freePorts(documented.length);
  const ports = new Map(documented.map((port, index) => [port, free[index] ?? 0]));
  const text = readFileSync(file, 'utf8').replaceAll(
    /(127\.0\.0\.1:|80: )(\d+)/g,
    (_, before: string, port: string) => `${before}${ports.get(Number(port))}`,
  );
  writeFileSync(file, text);
  return { path: folder.path, port: (number) => ports.get(number) ?? 0 };
}

interface Demo {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
}

function startDemo(t: Test, folder: string): Demo {
  const child = spawnBound(process.execPath, [sluiceMain, 'demo', '-f', folder], {
    env: prepareChildEnvironment({ NO_COLOR: '1' }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = new Promise<number | null>((done) => child.once('close', done));
  t.teardown(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  return { process: child, output: () => output, exited };
}

async function started(demo: Demo): Promise<string> {
  await eventually('the demo to say where to look', { within: 20_000 }, () => {
    if (demo.process.exitCode !== null) throw new Error(demo.output());
    return demo.output().includes('Ctrl-C stops it');
  });
  return demo.output();
}

t.test('the demo shows a routed page, follows an edit, and stops on a signal', async (t) => {
  const folder = await demoFolder(t);
  const demo = startDemo(t, folder.path);
  const text = await started(demo);
  const base = `http://127.0.0.1:${folder.port(8080)}`;
  t.match(text, `${base}/productpage`);

  const page = await (await fetch(`${base}/productpage`)).text();
  t.match(page, 'William Shakespeare', 'details came through the mesh listener');
  t.match(page, /<b id="podname">reviews-v[13]<\/b>/);
  const asJason = { headers: { cookie: 'session=jason' } };
  const jasons = await (await fetch(`${base}/productpage`, asJason)).text();
  t.match(jasons, '<b id="podname">reviews-v2</b>');
  t.match(jasons, 'aria-label="5 of 5 stars, black"');
  t.equal((await fetch(`${base}/details/0`)).status, 404, 'only the page is exposed');

  const rules = join(folder.path, 'reviews.yaml');
  const edited = readFileSync(rules, 'utf8').replace('weight: 80', 'weight: 0');
  writeFileSync(rules, edited.replace('weight: 20', 'weight: 100'));
  await eventually('every request to see red stars', { within: 10_000, every: 50 }, async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => fetch(`${base}/api/v1/products/0/reviews`)),
    );
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    return bodies.every((body) => body.includes('"reviews-v3"'));
  });

  demo.process.kill('SIGINT');
  t.equal(await within(10_000, 'the demo to stop', demo.exited), 0);
  t.match(demo.output(), /^sluice: stopping; open requests are answered first$/m);
  await t.rejects(fetch(`http://127.0.0.1:${folder.port(9101)}/health`), 'services are gone too');
});

const noCurl = spawnSync('curl', ['--version']).error !== undefined && 'curl is not installed';

t.test('the curl commands it prints work', { skip: noCurl }, async (t) => {
  const folder = await demoFolder(t);
  const text = await started(startDemo(t, folder.path));
  const commands = [...text.matchAll(/^ {4}(curl .*)$/gm)].map((match) => match[1] ?? '');
  t.equal(commands.length, 3);
  for (const command of commands) {
    const curl = spawn('sh', ['-c', command]);
    let body = '';
    for await (const chunk of curl.stdout) body += chunk;
    t.match(JSON.parse(body), { podname: /^reviews-v[123]$/ }, command);
  }
});

t.test('a taken port is named, and nothing is left running', async (t) => {
  const folder = await demoFolder(t);
  const blocker = createServer();
  await new Promise<void>((done) => blocker.listen(folder.port(9112), '127.0.0.1', () => done()));
  t.teardown(() => blocker.close());
  const demo = startDemo(t, folder.path);
  t.equal(await within(10_000, 'the demo to give up', demo.exited), 1);
  t.match(demo.output(), `${folder.port(9112)}, the address of reviews-v2, is taken`);
  await t.rejects(fetch(`http://127.0.0.1:${folder.port(9101)}/health`));
});

t.test('another program on the admin address is not taken for the proxy', async (t) => {
  const folder = await demoFolder(t);
  const impostor = createHttpServer((_request, response) => response.end('LIVE\n'));
  const port = folder.port(15000);
  await new Promise<void>((done) => impostor.listen(port, '127.0.0.1', () => done()));
  t.teardown(() => impostor.close());
  const demo = startDemo(t, folder.path);
  t.equal(await within(10_000, 'the demo to give up', demo.exited), 1);
  t.match(demo.output(), `cannot listen on 127.0.0.1:${port}`);
  t.match(demo.output(), /its ports are in .*bootstrap\.yaml, under listeners/);
  t.notMatch(demo.output(), 'bookinfo is running');
});

t.test('a folder without a Bootstrap is refused in one line', async (t) => {
  const empty = tempFolder();
  t.teardown(() => empty.remove());
  const demo = startDemo(t, empty.path);
  t.equal(await within(10_000, 'the demo to give up', demo.exited), 1);
  t.match(demo.output(), /^sluice: cannot read .*bootstrap\.yaml: ENOENT[^\n]*\n$/);
});
