/**
 * What `sluice analyze` says of each configuration in `user-configs` by itself: every finding, at
 * its line and column. Wrong ones have an error where a person would point, with what was meant;
 * right ones have none, and only miss what is in other files.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Finding } from '../../src/config/finding.ts';
import { ConfigStore } from '../../src/runtime/config-store.ts';
import { dataSet, missingData } from '../support/test-data.ts';

const folder = dataSet('user-configs');
const skip = folder === null ? missingData('user-configs') : false;

/** `SEVERITY CODE LINE:COLUMN`, with the hint where one is expected. */
interface Expected {
  readonly finding: string;
  readonly hint: RegExp | null;
}

const missing = (...places: readonly string[]): Expected[] =>
  places.map((place) => ({ finding: `warning IST0101 ${place}`, hint: null }));

const missingGateway = (place: string): Expected[] => [
  { finding: `warning IST0101 ${place}`, hint: null },
  { finding: `warning IST0132 ${place}`, hint: /add the host to a server/ },
];

const unserved = (place: string): Expected[] => [
  { finding: `warning SLC0202 ${place}`, hint: /spec\.gateways of a VirtualService/ },
];

const tabs: readonly Expected[] = [
  { finding: 'error SLC0011 4:1', hint: /replace every tab .* with two spaces/ },
];

/** A host with the namespace and no more, which Istio does not complete. */
const halfName = (finding: string, host: string): Expected => ({
  finding: `warning ${finding}`,
  hint: new RegExp(`^only names without a dot are completed: write "${host}\\.svc\\.cluster`),
});

const staff = 'fleetman-staff-service.default';
const webapp = 'fleetman-webapp.default';

const wrong: Readonly<Record<string, readonly Expected[]>> = {
  'bookinfo-reviews-jason-v2.yaml': [
    { finding: 'error SLC0012 9:2', hint: /2 or more spaces .* item of "http"/ },
  ],
  'cookie-regex-user.yaml': [
    { finding: 'error IST0106 7:5', hint: /name the host, or list the gateways/ },
    ...missing('15:9', '16:9', '19:9', '20:9'),
  ],
  'ingress-dashboard.yaml': tabs,
  'ingress-fanout-rewrite.yaml': tabs,
  'ingress-simple-v1beta1.yaml': tabs,
  'ingress-subdomains.yaml': tabs,
  'ingress-tls-secret.yaml': tabs,
  'ingress-tls.yaml': tabs,
  'k8s-service-internal.yaml': tabs,
  'k8s-service-loadbalancer.yaml': tabs,
  'prefix-misindented.yaml': [
    { finding: 'error SLC0020 2:1', hint: /spec of a VirtualService: put them under "spec:"/ },
    { finding: 'error SLC0030 5:7', hint: /part of "uri"/ },
    { finding: 'error SLC0030 7:7', hint: /part of "uri"/ },
    { finding: 'error SLC0031 8:5', hint: /begin each item with "- "/ },
  ],
  'weighting-misplaced.yaml': [
    { finding: 'error SLC0012 13:9', hint: /did you mean "weight"\? .*below.*"destination"/ },
    { finding: 'error SLC0012 17:9', hint: /did you mean "weight"\? .*below.*"destination"/ },
  ],
};

const right: Readonly<Record<string, readonly Expected[]>> = {
  'bookinfo-all-v1.yaml': missing(
    ...['11:9', '12:9', '24:9', '25:9', '37:9', '38:9', '50:9', '51:9'],
  ),
  'bookinfo-ratings-abort-500.yaml': missing('20:9', '21:9', '24:9', '25:9'),
  'bookinfo-ratings-delay-7s.yaml': missing('20:9', '21:9'),
  'bookinfo-reviews-50-v3.yaml': missing('11:9', '12:9', '15:9', '16:9'),
  'canary-deployments.yaml': [],
  'canary-destinationrule.yaml': [halfName('IST0174 6:3', staff)],
  'canary-service.yaml': [{ finding: 'info SLC0210 1:1', hint: /--workload NAME=IP:PORT/ }],
  'canary-weighted-90-10-virtualservice.yaml': [
    halfName('IST0101 11:11', staff),
    ...missing('12:11'),
    halfName('IST0101 15:11', staff),
    ...missing('16:11'),
  ],
  'dark-release-header.yaml': [
    ...missingGateway('10:7'),
    ...missing('18:11', '19:11', '22:11', '23:11'),
  ],
  'domain-routing.yaml': [
    ...missingGateway('10:7'),
    ...missing('14:11', '15:11'),
    ...missingGateway('26:7'),
    ...missing('30:13', '31:13'),
  ],
  'fault-abort-canary.yaml': missing('21:13', '22:13', '25:13', '26:13'),
  'gateway-subdomains.yaml': unserved('9:7'),
  'gateway-weighted-virtualservice.yaml': [
    ...missingGateway('9:7'),
    halfName('IST0101 13:13', webapp),
    ...missing('14:13'),
    halfName('IST0101 17:13', webapp),
    ...missing('18:13'),
  ],
  'gateway-wildcard.yaml': unserved('9:5'),
  'prefix-routing.yaml': [
    ...missingGateway('9:7'),
    { finding: 'info SLC0408 12:18', hint: /exact "\/experimental"/ },
    { finding: 'info SLC0408 13:18', hint: /exact "\/canary"/ },
    ...missing('16:13', '17:13', '22:13', '23:13'),
  ],
  'sticky-consistent-hash-header.yaml': [
    halfName('IST0101 11:13', staff),
    halfName('IST0174 19:3', staff),
  ],
  'sticky-cookie.yaml': [
    {
      finding: 'warning IST0174 6:3',
      hint: /the namespace is missing: write "my-service\.default\.svc\.cluster\.local"/,
    },
  ],
  'subsets-null-trafficpolicy.yaml': [{ finding: 'warning IST0174 7:3', hint: null }],
};

t.test('every file is in one of the tables', { skip }, async (t) => {
  const listed = [...Object.keys(wrong), ...Object.keys(right)];
  t.strictSame(listed.sort(), readdirSync(folder ?? '').sort());
});

t.test('wrong configurations', { skip }, async (t) => {
  for (const [name, expected] of Object.entries(wrong)) {
    checkFile(name, expected);
    t.ok(
      expected.some(({ finding, hint }) => finding.startsWith('error') && hint !== null),
      `${name}: an error that says what to do`,
    );
  }
});

t.test('right configurations', { skip }, async (t) => {
  for (const [name, expected] of Object.entries(right)) {
    checkFile(name, expected);
    t.notOk(
      expected.some(({ finding }) => finding.startsWith('error')),
      `${name}: no error`,
    );
  }
});

function checkFile(name: string, expected: readonly Expected[]): void {
  const findings = findingsOf(name);
  t.strictSame(
    findings.map(({ severity, code, line, column }) => `${severity} ${code} ${line}:${column}`),
    expected.map(({ finding }) => finding),
    name,
  );
  for (const [index, { finding, hint }] of expected.entries()) {
    if (hint === null) continue;
    t.match(findings[index]?.hint, hint, `${name}: hint of ${finding}`);
  }
}

/** By place, then code. */
function findingsOf(name: string): Finding[] {
  const store = new ConfigStore({}, 0);
  const text = readFileSync(join(folder ?? '', name), 'utf8');
  const { findings } = store.load([{ path: name, text }]);
  return store
    .analyze(findings)
    .sort((a, b) => a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1));
}
