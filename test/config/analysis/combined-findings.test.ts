import t from 'tap';
import { combinedFindings } from '../../../src/config/analysis/combined-findings.ts';
import type { Finding } from '../../../src/config/finding.ts';

function finding(code: string, path: string, hint: string | null = null): Finding {
  const place = { file: 'a.yaml', line: 1, column: 1, path };
  return { code, severity: 'warning', message: code, hint, ...place, resource: 'VirtualService a' };
}

function combined(found: readonly Finding[], analyzed: readonly Finding[]): string[] {
  return combinedFindings(found, analyzed).map(({ code, path, hint }) => `${code} ${path} ${hint}`);
}

t.test('what both notice is told once, with the hint of either', async (t) => {
  const host = 'spec.http[0].route[0].destination.host';
  t.same(combined([finding('SLC0203', host, 'meant?')], [finding('IST0101', host)]), [
    `IST0101 ${host} meant?`,
  ]);
  t.same(combined([finding('SLC0203', host, 'meant?')], [finding('IST0101', host, 'own')]), [
    `IST0101 ${host} own`,
  ]);
});

t.test('a finding about a part of what an analyzer names is the same', async (t) => {
  const rule = finding('IST0131', 'spec.tls[1].match[0]');
  t.same(combined([finding('IST0131', 'spec.tls[1].match[0].sniHosts[0]')], [rule]), [
    'IST0131 spec.tls[1].match[0] null',
  ]);
  const other = 'spec.tls[1].match[01]';
  t.same(combined([finding('IST0131', other)], [rule]).length, 2, 'a longer name is another');
});

t.test('a hidden match is told once, by who knows what hides it', async (t) => {
  const match = 'spec.http[1].match[0]';
  const both = [finding('IST0131', match), finding('SLC0407', match)];
  t.same(combined([], both), [`SLC0407 ${match} null`]);
  t.same(combined([], both.toReversed()), [`SLC0407 ${match} null`]);
  t.same(combined([], [finding('IST0131', match)]), [`IST0131 ${match} null`], 'none but this');
  const others = [finding('IST0131', match), finding('SLC0407', 'spec.http[2].match[0]')];
  t.same(combined([], others).length, 2, 'of two matches');
});

t.test('everything else stays', async (t) => {
  t.same(combined([finding('SLC0203', 'a')], [finding('IST0101', 'b')]), [
    'SLC0203 a null',
    'IST0101 b null',
  ]);
  t.same(combined([finding('SLC0030', 'a')], [finding('IST0101', 'a')]).length, 2);
});

t.test('a route that is left out is an error for who asks', async (t) => {
  t.match(combinedFindings([finding('SLC0284', 'a')], []), [{ severity: 'error' }]);
});
