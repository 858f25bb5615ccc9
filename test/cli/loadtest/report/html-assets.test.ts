import { Script } from 'node:vm';
import t from 'tap';
import { script, style } from '../../../../src/cli/loadtest/report/html-assets.ts';

// html.test.ts draws with them, where there is a browser.

t.test('the script is one, and does not end its element', async (t) => {
  t.doesNotThrow(() => new Script(script));
  t.notMatch(script, /<\/script/i);
});

t.test('every element that the script draws into can be missing', async (t) => {
  const drawn: string[] = [];
  const nothing = { timeline: [], changes: [], failures: [], expectedShares: [], durationMs: 1000 };
  const elements = new Map([
    ['data', JSON.stringify(nothing)],
    ['requests', ''],
  ]);
  class Plot {
    constructor(options: { series: readonly { label: string }[] }) {
      drawn.push(options.series.map(({ label }) => label).join());
    }
  }
  new Script(script).runInNewContext({
    document: {
      getElementById: (id: string) => {
        const textContent = elements.get(id);
        return textContent === undefined ? null : { textContent, clientWidth: 100 };
      },
    },
    uPlot: Plot,
    addEventListener: () => undefined,
  });
  t.strictSame(drawn, ['second,requests,errors']);
});

t.test('the style loads nothing', async (t) => {
  t.notMatch(style, /url\(|@import/);
  t.equal(style.split('{').length, style.split('}').length);
});
