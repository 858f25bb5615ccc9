import t from 'tap';
import { checkConversion } from '../../../src/cli/convert/convert-check.ts';
import type { Finding } from '../../../src/config/finding.ts';
import { mergeSettings } from '../../../src/config/settings/merge-settings.ts';
import type { Loss } from '../../../src/convert/conversion-losses.ts';
import { convert } from '../../../src/convert/convert.ts';
import { joinDocuments, resourceYaml } from '../../../src/convert/resource-yaml.ts';
import { loadResources } from '../../support/load-resources.ts';

// With the whole command in convert.test.ts.

const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  rules:
    - host: shop.test
      http:
        paths:
          - path: /cart
            pathType: Prefix
            backend: {service: {name: web, port: {number: 80}}}
`;

const merged = mergeSettings({}, []);
if (!merged.ok) throw new Error('the defaults can be used');
const { proxy: settings } = merged.value;
const { resources: written } = loadResources([{ path: 'shop.yaml', text: ingress }]);
const options = { target: 'virtualservice', gateway: null, gatewayClass: 'istio' } as const;
const { made, losses, resources } = convert(written, settings, options);
const converted = joinDocuments(resources.map(resourceYaml));

function checked(change: (text: string) => string, told: readonly Loss[] = losses) {
  const text = change(converted);
  return checkConversion(written, settings, { made, losses: told, text });
}

t.test('what routes as the Ingress does is not told of', async (t) => {
  t.strictSame(
    checked((text) => text),
    [],
  );
});

t.test('a request that is treated differently is told, at the place of its Ingress', async (t) => {
  const place = { code: 'SLC0602', severity: 'warning', file: 'shop.yaml', line: 9, column: 1 };
  const rows: readonly (readonly [old: string, now: string, message: RegExp])[] = [
    ['prefix: /cart/', 'prefix: /card/', /^GET http:\/\/shop\.test\/cart\/.* is treated diff.*404/],
    ['number: 80\n', 'number: 81\n', /^GET http:\/\/shop\.test\/cart.* is treated differently: /],
  ];
  for (const [old, now, message] of rows) {
    t.ok(converted.includes(old), old);
    const found = checked((text) => text.replaceAll(old, now));
    t.match(
      found.find(({ file }) => file === 'shop.yaml'),
      { ...place, message },
      now,
    );
  }
});

function endOf({ message }: Finding): string {
  return message.replace(/^.* is treated differently: /, '');
}

t.test('what is told of as left out is not told again, for its routes alone', async (t) => {
  const change = (text: string): string =>
    text.replaceAll(/^( *)route:$/gm, '$1timeout: 3s\n$1route:');
  const all = checked(change);
  t.strictSame(all.map(endOf), ['timeout none, now 3s', 'timeout none, now 3s']);
  const place = 'shop.yaml:9';
  const rows: readonly (readonly [field: string, route: string, told: number])[] = [
    ['timeout', place, 0],
    ['timeout', 'other.yaml:1', 2],
    ['retries', place, 2],
  ];
  for (const [field, route, count] of rows) {
    const finding = all[0] as Finding;
    const left = checked(change, [{ finding, fields: [field], routes: new Set([route]) }]);
    t.equal(left.length, count, `${field} of ${route}`);
  }
});

t.test('text that cannot be used is told', async (t) => {
  const findings = checked((text) => text.replace('prefix:', 'prefiks:'));
  t.match(findings[0], { severity: 'error', file: 'converted', message: /prefiks/ });
});
