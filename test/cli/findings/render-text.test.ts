import t from 'tap';
import { renderFindings } from '../../../src/cli/findings/render-text.ts';
import type { Finding } from '../../../src/config/finding.ts';

const finding: Finding = {
  code: 'SLC0030',
  severity: 'error',
  message: 'unknown field "routes"',
  hint: 'did you mean "route"?',
  file: 'a.yaml',
  line: 2,
  column: 3,
  path: 'spec.http[0].routes',
  resource: 'VirtualService default/web',
};

const files = [{ path: 'a.yaml', text: 'spec:\n  routes: []\n\t\tx: 1\n' }];

t.test('the line and a caret below the place', async (t) => {
  const text = renderFindings([finding], { files, color: false });
  t.equal(
    text,
    'a.yaml:2:3: error SLC0030 VirtualService default/web: unknown field "routes" (did you ' +
      'mean "route"?)\n' +
      '  2 |   routes: []\n' +
      '    |   ^\n' +
      '1 error; each code is explained in docs/messages.md\n',
  );
});

t.test('tabs before the place stay tabs', async (t) => {
  const text = renderFindings([{ ...finding, line: 3, column: 3 }], { files, color: false });
  t.match(text, '  3 | \t\tx: 1\n    | \t\t^\n');
});

t.test('long lines are cut around the place', async (t) => {
  const long = [{ path: 'a.yaml', text: `${'x'.repeat(500)}HERE${'y'.repeat(500)}` }];
  const text = renderFindings([{ ...finding, line: 1, column: 501 }], {
    files: long,
    color: false,
  });
  const [, line = '', caret = ''] = text.split('\n');
  t.equal(line.slice(caret.indexOf('^'), caret.indexOf('^') + 4), 'HERE');
  t.ok(line.length < 140);
});

t.test('findings about a whole file have no excerpt', async (t) => {
  const whole = { ...finding, line: 0, column: 0, resource: '', hint: null };
  const text = renderFindings([whole, whole], { files, color: false });
  const line = 'a.yaml: error SLC0030 unknown field "routes"\n';
  t.equal(text, `${line}${line}2 errors; each code is explained in docs/messages.md\n`);
});

t.test('colour is put around the severity only', async (t) => {
  const text = renderFindings([finding], { files, color: true });
  t.match(text, '\u001b[31merror SLC0030\u001b[0m');
  t.notMatch(renderFindings([finding], { files, color: false }), '\u001b');
});

t.test('no findings', async (t) => {
  t.equal(renderFindings([], { files, color: false }), 'no findings\n');
});

t.test('control characters of a file do not reach the terminal', async (t) => {
  const evil = { ...finding, message: 'unknown field "\u001b[2J"\nsecond line' };
  const text = renderFindings([evil], {
    files: [{ path: 'a.yaml', text: '\n\u001b[2J\u009b: 1\n' }],
    color: false,
  });
  t.match(text, 'unknown field "\ufffd[2J" second line');
  t.match(text, '  2 | \ufffd[2J\ufffd: 1\n');
});

t.test('no line of a Secret is shown, whatever is wrong with it', async (t) => {
  const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  tls.key: S0VZ\n';
  const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\n';
  const asJson = JSON.stringify({
    kind: 'List',
    items: [{ kind: 'Secret', data: { key: 'S0VZ' } }],
  });
  const texts = { 'a.yaml': `${service}---\n${secret}---\n${service}`, 'b.json': asJson };
  const files = Object.entries(texts).map(([path, text]) => ({ path, text }));
  const shown = (file: string, line: number) =>
    renderFindings([{ ...finding, file, line, column: 1 }], { files, color: false });
  t.match(shown('a.yaml', 2), '  2 | kind: Service');
  t.match(shown('a.yaml', 12), '  12 | kind: Service');
  for (const line of [5, 6, 7, 8, 9]) t.notMatch(shown('a.yaml', line), /\|/, `line ${line}`);
  t.notMatch(shown('b.json', 1), /S0VZ/);
});
