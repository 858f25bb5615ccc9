import t from 'tap';
import { formatFinding } from '../../../src/config/finding.ts';
import { mergeSettings } from '../../../src/config/settings/merge-settings.ts';
import { settingsFindings } from '../../../src/config/settings/settings-findings.ts';
import { loadResources } from '../../support/load-resources.ts';

function bootstrap(name: string, spec: string): string {
  return `apiVersion: sluice.dev/v1\nkind: Bootstrap\nmetadata: {name: ${name}}\nspec:\n${spec}`;
}

function found(...texts: readonly string[]): string[] {
  const files = texts.map((text, index) => ({ path: `${index}.yaml`, text }));
  const { bootstraps } = loadResources(files).resources;
  const merged = mergeSettings({ seed: 'x' }, bootstraps);
  return settingsFindings(merged.ok ? [] : merged.error, bootstraps).map(formatFinding);
}

t.test('a wrong setting is told at its place; that of a flag has none', async (t) => {
  const listeners = '  listeners:\n    outbound:\n    - 127.0.0.1:1\n    - here:2\n';
  t.strictSame(found(bootstrap('a', listeners)), [
    '0.yaml:8:7: error SLC0301 Bootstrap a: "here" is no IP address: write IP:PORT or ' +
      'localhost:PORT',
  ]);
});

t.test('every Bootstrap but the last has no effect', async (t) => {
  const hint = '(put all settings into one of them)';
  const texts = ['a', 'b', 'c'].map((name) => bootstrap(name, '  seed: 1\n'));
  t.strictSame(found(...texts), [
    `0.yaml:1:1: warning SLC0302 Bootstrap a: this Bootstrap has no effect: the last one is used, "c" of 2.yaml:1 ${hint}`,
    `1.yaml:1:1: warning SLC0302 Bootstrap b: this Bootstrap has no effect: the last one is used, "c" of 2.yaml:1 ${hint}`,
  ]);
});

t.test('no Bootstrap, no findings', async (t) => {
  t.strictSame(found(), []);
});

t.test('settings that say nothing are told to have no effect', async (t) => {
  const text = bootstrap('a', '  concurrency: 2\n');
  const { findings } = loadResources([{ path: 'a.yaml', text }]);
  t.strictSame(findings.map(formatFinding), [
    'a.yaml:5:3: warning SLC0035 Bootstrap a: "concurrency" has no effect: the flag ' +
      '--concurrency says how many processes serve',
  ]);
});
