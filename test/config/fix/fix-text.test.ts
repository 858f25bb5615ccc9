/** What is mended: the lines that change, and that no others do. */

import t from 'tap';
import { fixText } from '../../../src/config/fix/fix-text.ts';

const head = (kind: string) =>
  `apiVersion: networking.istio.io/v1 # kept\nkind: ${kind}\nmetadata: {name: web}\n`;

const rule = (lines: string) => `${head('VirtualService')}spec:\n  hosts: [web]\n  http:\n${lines}`;

interface Case {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Codes of what was mended. */
  readonly fixes: readonly string[];
}

const route = '    route:\n    - destination: {host: web}\n';

const cases: readonly Case[] = [
  {
    name: 'a slip of the fingers',
    from: rule('  - route:\n    - destination: {host: web}\n      weigth:   100 # all\n'),
    to: rule('  - route:\n    - destination: {host: web}\n      weight:   100 # all\n'),
    fixes: ['SLC0030'],
  },
  {
    name: 'a slip in an object of Kubernetes',
    from: 'apiVersion: v1\nkind: Service\nmetadata: {name: a, lables: {b: c}}\nspec: {slector: {a: b}}\n',
    to: 'apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {b: c}}\nspec: {selector: {a: b}}\n',
    fixes: ['SLC0036', 'SLC0036'],
  },
  {
    name: 'another ending, in quotes',
    from: rule('  - route:\n    - {destination: {host: web}, "weighting": 100}\n'),
    to: rule('  - route:\n    - {destination: {host: web}, "weight": 100}\n'),
    fixes: ['SLC0030'],
  },
  {
    name: 'fields in the column of the one that they are parts of',
    from: rule(
      '  - route:\n    - destination:\n      # where to\n      host: web # h\n      port:\n        number: 80\n',
    ),
    to: rule(
      '  - route:\n    - destination:\n      # where to\n        host: web # h\n        port:\n          number: 80\n',
    ),
    fixes: ['SLC0030', 'SLC0030'],
  },
  {
    name: 'an object in place of a list',
    from: rule(
      '  - route:\n      destination: # d\n        host: web\n\n      weight: 100\n    timeout: 1s\n',
    ),
    to: rule(
      '  - route:\n      - destination: # d\n          host: web\n\n        weight: 100\n    timeout: 1s\n',
    ),
    fixes: ['SLC0031'],
  },
  {
    name: 'a field between another and its parts',
    from: rule(
      '  - route:\n    - destination: # d\n      weighting: 10 # w\n        host: web # h\n',
    ),
    to: rule('  - route:\n    - destination: # d\n        host: web # h\n      weight: 10 # w\n'),
    fixes: ['SLC0012'],
  },
  {
    name: 'percent of a fault',
    from: rule(
      `  - fault:\n      delay:\n        percent:  50 # half\n        fixedDelay: 1s\n${route}`,
    ),
    to: rule(
      '  - fault:\n      delay:\n        percentage:\n          value: 50 # half\n' +
        `        fixedDelay: 1s\n${route}`,
    ),
    fixes: ['IST0002'],
  },
  {
    name: 'percent of a mirror, in flow style and with its old spelling',
    from: rule('  - {mirror: {host: b}, mirror_percent: 5, route: [{destination: {host: web}}]}\n'),
    to: rule(
      '  - {mirror: {host: b}, mirrorPercentage: {value: 5}, route: [{destination: {host: web}}]}\n',
    ),
    fixes: ['IST0002'],
  },
  {
    name: 'origins as texts',
    from: rule(
      `  - corsPolicy:\n      allowOrigin: # o\n      - "https://a.test" # a\n      - b\n${route}`,
    ),
    to: rule(
      '  - corsPolicy:\n      allowOrigins: # o\n      - exact: "https://a.test" # a\n' +
        `      - exact: b\n${route}`,
    ),
    fixes: ['IST0002'],
  },
  {
    name: 'the ring size, in the second document of a file with CRLF',
    from: `${head('Gateway')}spec: {servers: []}\n---\n${head('DestinationRule')}spec:
  host: web
  trafficPolicy:
    loadBalancer: {consistentHash: {useSourceIp: true, minimumRingSize: 9}}
`.replaceAll('\n', '\r\n'),
    to: `${head('Gateway')}spec: {servers: []}\n---\n${head('DestinationRule')}spec:
  host: web
  trafficPolicy:
    loadBalancer: {consistentHash: {useSourceIp: true, ringHash: {minimumRingSize: 9}}}
`.replaceAll('\n', '\r\n'),
    fixes: ['IST0002'],
  },
  {
    name: 'tabs, and what they hid',
    from: `${head('VirtualService')}spec:\n\thosts: [web]\n\thttp:\n\t- routes:\n\t\t- destination: {host:\tweb}\n`,
    to: `${head('VirtualService')}spec:\n  hosts: [web]\n  http:\n  - route:\n    - destination: {host:\tweb}\n`,
    fixes: ['SLC0011', 'SLC0030'],
  },
  {
    name: 'wildcards without quotes',
    from: `${head('Gateway')}spec:\n  servers:\n  - port: {number: 80, name: http, protocol: HTTP}\n    hosts:\n    - *\n    - *.b.test # b\n`,
    to: `${head('Gateway')}spec:\n  servers:\n  - port: {number: 80, name: http, protocol: HTTP}\n    hosts:\n    - "*"\n    - "*.b.test" # b\n`,
    fixes: ['SLC0010', 'SLC0010'],
  },
];

for (const { name, from, to, fixes } of cases) {
  t.test(name, async (t) => {
    const fixed = fixText('a.yaml', from);
    t.equal(fixed.text, to);
    t.strictSame(
      fixed.fixes.map(({ code }) => code),
      fixes,
    );
    t.strictSame(fixText('a.yaml', to).fixes, [], 'once is enough');
  });
}

const undecided: Readonly<Record<string, string>> = {
  'a word of the same meaning': rule('  - route:\n    - {destination: {host: web}, share: 100}\n'),
  'a field that has the new one beside it': rule(
    `  - fault: {delay: {percent: 5, percentage: {value: 6}, fixedDelay: 1s}}\n${route}`,
  ),
  'a field of another type': rule('  - routes: web\n'),
  'an old field with two that may be meant': `${head('DestinationRule')}spec:
  host: web
  trafficPolicy: {outlierDetection: {consecutiveErrors: 5}}
`,
  'tabs in a text': `${head('VirtualService')}spec:\n\thosts: |\n\t\tweb\n`,
  'what is no YAML at all': '{]',
  nothing: '',
};

for (const [name, text] of Object.entries(undecided)) {
  t.test(`left alone: ${name}`, async (t) => {
    t.strictSame(fixText('a.yaml', text), { text, fixes: [] });
  });
}
