import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import t from 'tap';
import { reportHtml } from '../../../src/cli/loadtest-report/html.ts';
import type { LoadtestSummary } from '../../../src/loadtest/summary.ts';
import { tempFolder } from '../../support/temp-folder.ts';

t.setTimeout(60_000);

const second = { requests: 10, errors: 1, p50: 1, p99: 5, max: 9, workloads: { v1: 6, v2: 3 } };
const summary: LoadtestSummary = {
  ...{ description: 'a </script><b>bold</b> test', seed: 1, durationMs: 4000, driverLateMs: 1 },
  ...{ passed: false, changes: [], notes: ['a & b'] },
  assertions: [
    { kind: 'shares', name: 'w', passed: false, expected: 'v1 < 1', found: 'x', interval: null },
  ],
  requests: [{ name: 'all', requests: 0, statuses: {}, failures: {}, latency: null }],
  endpoints: [
    {
      ...{ workload: 'v1', endpoint: 2, port: 1002, answers: 1 },
      ...{ requests: 1, retries: 0, mirrored: 0 },
    },
  ],
  timeline: [0, 1, 2].map((number) => ({ second: number, ...second })),
  ejections: [
    { atMs: 1000, port: 1002, ejected: true },
    { atMs: 3000, port: 1002, ejected: false },
    { atMs: 3500, port: 1002, ejected: true },
  ],
};

t.test('texts stay texts, and ejections are bars until they end', async (t) => {
  const page = reportHtml('scenario.yaml', summary);
  t.match(page, /<h1>a &lt;\/script&gt;&lt;b&gt;bold/);
  t.match(page, /<p class="note">a &amp; b</);
  t.equal(page.match(/<\/script>/g)?.length, 3);
  t.match(page, /<td>v1 &lt; 1<\/td>/);
  t.match(page, /<div>v1 2<\/div>/);
  t.match(page, /left:25.00%;width:50.00%.*left:87.50%;width:12.50%/);
});

const { stdout } = spawnSync('sh', ['-c', 'command -v chromium chromium-browser google-chrome'], {
  encoding: 'utf8',
});
const [path = ''] = stdout.split('\n');

t.test('a browser draws it from disk', { skip: path === '' && 'no Chromium' }, async (t) => {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  const file = folder.write('report.html', reportHtml('scenario.yaml', summary));
  const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
  t.teardown(() => browser.close());
  const page = await browser.newPage();
  const mistakes: string[] = [];
  page.on('pageerror', (error) => mistakes.push(error.message));
  page.on('console', (message) => mistakes.push(message.text()));
  await page.goto(pathToFileURL(file).href);
  t.equal(await page.locator('canvas').count(), 3);
  t.match(await page.locator('#shares .u-legend').textContent(), /v1.*v2/);
  t.strictSame(mistakes, []);
});
