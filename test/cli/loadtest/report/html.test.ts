import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import t from 'tap';
import { reportHtml } from '../../../../src/cli/loadtest/report/html.ts';
import { tempFolder } from '../../../support/temp-folder.ts';
import { summaryOf } from './summary-of.ts';

t.setTimeout(60_000);

const [weights] = summaryOf().assertions;
const summary = summaryOf({
  ...{ description: 'a </script><b>bold</b> test', notes: ['a & b'] },
  assertions: weights === undefined ? [] : [{ ...weights, passed: false, expected: 'v1 < 1' }],
  ejections: [
    { atMs: 1000, port: 1002, ejected: true },
    { atMs: 3000, port: 1002, ejected: false },
    { atMs: 3500, port: 1002, ejected: true },
  ],
  changes: [{ atMs: 1500, file: 'rules.yaml' }],
  expectedShares: [
    { workload: 'v1', share: 0.9, fromMs: 0, untilMs: 4000 },
    { workload: 'v2', share: 0.1, fromMs: 0, untilMs: 4000 },
  ],
  failures: [{ workload: 'v<1', endpoint: 2, fromMs: 500, untilMs: 2000, what: 'reset' }],
});

t.test('texts stay texts, and ejections are bars until they end', async (t) => {
  const page = reportHtml('scenario.yaml', summary);
  t.match(page, /<h1>a &lt;\/script&gt;&lt;b&gt;bold/);
  t.match(page, /<p class="note">a &amp; b</);
  t.equal(page.match(/<\/script>/g)?.length, 3);
  t.match(page, /<td>v1 &lt; 1<\/td>/);
  t.match(page, />Shaded: v&lt;1 2 from 0\.5 s to 2 s: reset\.</);
  t.match(page, />Dotted: as expected\.<\/p>\n<div id="shares">/);
  t.match(page, />Dashed: the configuration changed\. /);
  t.match(page, /<td>upstream_rq_retry_overflow<\/td><td class="number">12<\/td>/);
  t.match(page, /<td>requests left<\/td><td class="number">0\.1 ms<\/td>/);
  t.match(page, /<div>v1 2<\/div>/);
  t.match(page, /left:25.00%;width:50.00%.*left:87.50%;width:12.50%/);
});

t.test('what says nothing is not drawn', async (t) => {
  const one = reportHtml('a.yaml', summaryOf({ endpoints: summary.endpoints.slice(0, 1) }));
  t.notMatch(one, /id="shares"/, 'one workload has all of the answers');
  const nothing = reportHtml('a.yaml', summaryOf({ timeline: [], endpoints: [] }));
  t.notMatch(nothing, /id="(latency|shares|requests)"/);
  t.match(nothing, /No request was sent/);
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
  const legend = page.locator('#latency .u-legend');
  t.equal(await legend.locator('.u-value:visible').count(), 0, 'the pointer is elsewhere');
  t.equal(await legend.locator('.u-label:visible').count(), 3, 'nor is there a second');
  await page.locator('#latency .u-over').hover();
  t.equal(await legend.locator('.u-value:visible').count(), 4);
  t.match(await legend.textContent(), /^second[12]p501 msp995 msmax9 ms$/);
  t.strictSame(mistakes, []);
});
