import t from 'tap';
import { Progress } from '../../../src/cli/analyze/progress.ts';
import { render } from '../../../src/cli/findings/render.ts';
import { hasSeverity, summaryOf } from '../../../src/cli/findings/summary.ts';
import type { Finding } from '../../../src/config/finding.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const unknown: Finding = {
  code: 'SLC0030',
  severity: 'error',
  message: 'unknown field "routes", 100%',
  hint: 'did you mean "route"?\nor not',
  file: './rules dir/a,b:c.yaml',
  line: 2,
  column: 3,
  path: 'spec.http[0].routes',
  resource: 'VirtualService default/web',
};
const wholeFile: Finding = {
  ...unknown,
  code: 'SLC0004',
  severity: 'warning',
  message: 'no files',
  hint: null,
  file: '/rules',
  line: 0,
  column: 0,
  path: '',
  resource: '',
};
const nowhere: Finding = { ...wholeFile, code: 'SLC0226', severity: 'info', file: '' };
const findings = [unknown, wholeFile, nowhere];
const options = { files: [], color: false };

t.test('GitHub: commands on one line each, with what would end them escaped', async (t) => {
  const lines = render('github', findings, options).split('\n');
  t.strictSame(lines, [
    '::error file=rules dir/a%2Cb%3Ac.yaml,line=2,col=3,title=SLC0030::VirtualService default/web: ' +
      'unknown field "routes", 100%25 (did you mean "route"?%0Aor not); see docs/messages.md#slc0030',
    '::warning file=/rules,title=SLC0004::no files; see docs/messages.md#slc0004',
    '::notice title=SLC0226::no files; see docs/messages.md#slc0226',
    '1 error, 1 warning, 1 info',
    '',
  ]);
});

t.test('SARIF 2.1.0: rules, places and levels', async (t) => {
  const log = JSON.parse(render('sarif', findings, options));
  t.match(log, { version: '2.1.0', runs: [{ tool: { driver: { name: 'sluice' } } }] });
  const [run] = log.runs;
  const rules = run.tool.driver.rules;
  t.strictSame(
    rules.map((rule: { id: string }) => rule.id),
    ['SLC0004', 'SLC0030', 'SLC0226'],
  );
  t.match(rules[0], { help: { text: /messages\.md#slc0004/ } });
  for (const { ruleId, ruleIndex } of run.results) t.equal(rules[ruleIndex].id, ruleId);
  t.match(run.results, [
    {
      level: 'error',
      message: { text: /^unknown field .+did you mean/ },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'rules%20dir/a%2Cb%3Ac.yaml' },
            region: { startLine: 2, startColumn: 3 },
          },
          logicalLocations: [
            { fullyQualifiedName: 'VirtualService default/web spec.http[0].routes' },
          ],
        },
      ],
    },
    {
      level: 'warning',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'file:///rules' } } }],
    },
    { level: 'note' },
  ]);
  // A region of no line, or an empty list of places, is not valid.
  t.notOk('region' in run.results[1].locations[0].physicalLocation);
  t.notOk('locations' in run.results[2]);
});

t.test('nothing found, in every format', async (t) => {
  t.equal(render('text', [], options), 'no findings\n');
  t.equal(render('github', [], options), 'no findings\n');
  t.strictSame(JSON.parse(render('json', [], options)), []);
  t.match(JSON.parse(render('sarif', [], options)), { runs: [{ results: [] }] });
});

t.test('JSON links each finding to what explains it', async (t) => {
  const [first] = JSON.parse(render('json', [unknown], options));
  t.match(first, { code: 'SLC0030', line: 2, help: 'docs/messages.md#slc0030' });
});

t.test('the severity that counts, and those above', async (t) => {
  t.equal(summaryOf([unknown, unknown]), '2 errors');
  t.ok(hasSeverity(findings, 'error'));
  t.notOk(hasSeverity([wholeFile, nowhere], 'error'));
  t.ok(hasSeverity([wholeFile], 'warning'));
  t.notOk(hasSeverity([nowhere], 'warning'));
  t.ok(hasSeverity([nowhere], 'info'));
  t.notOk(hasSeverity([], 'info'));
});

t.test('progress is shown after a second, to a terminal, and taken away', async (t) => {
  const written: string[] = [];
  const clock = new ManualClock();
  const terminal = { isTTY: true, write: (text: string) => written.push(text) };
  const progress = new Progress(terminal, clock);
  progress.step('reading');
  t.strictSame(written, []);
  clock.advance(1000);
  progress.step('checking');
  progress.end();
  progress.end();
  t.strictSame(written, ['\r\u001b[Kchecking ...', '\r\u001b[K']);
  const log = new Progress({ ...terminal, isTTY: false }, clock);
  clock.advance(5000);
  log.step('checking');
  log.end();
  t.equal(written.length, 2);
});
