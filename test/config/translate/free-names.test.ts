/** Names that users choose freely may be those of properties that every object of JavaScript has. */

import fc from 'fast-check';
import t from 'tap';
import type { ProxySettings } from '../../../src/config/proxy-settings.ts';
import { mergeSettings } from '../../../src/config/settings/merge-settings.ts';
import { type Translation, translateMesh } from '../../../src/config/translate/mesh.ts';
import { loadResources } from '../../support/load-resources.ts';

/** Sorted where the inherited one is, too. */
const plainName = 'constructoz';
const inheritedNames = ['constructor', 'valueOf', 'toString', 'hasOwnProperty', '__proto__'];

/** Every place of these resources where a name is free has a letter in angle brackets. */
const sample = `apiVersion: v1
kind: Service
metadata: {name: <a>, labels: {<b>: x}}
spec: {selector: {<c>: y}, ports: [{name: <d>, port: 80, targetPort: <e>}]}
---
apiVersion: v1
kind: Service
metadata: {name: other}
spec: {selector: {app: other}, ports: [{name: http, port: 80, appProtocol: <f>}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: <g>}
spec:
  selector: {matchLabels: {<c>: y}}
  template:
    metadata: {labels: {<c>: y, app: other}}
    spec: {containers: [{name: c, image: c, ports: [{name: <e>, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: pod-<g>, labels: {<c>: y, app: <h>}}
spec: {containers: [{name: c, image: c, ports: [{name: <e>, containerPort: 8080}]}]}
status: {podIP: 10.1.0.1}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: <i>}
spec:
  hosts: [entry.example.com]
  resolution: STATIC
  ports: [{number: 80, name: <j>, protocol: HTTP}]
  endpoints:
  - {address: 10.1.0.2, labels: {<k>: z}, ports: {<j>: 81}}
  - {address: 10.1.0.3, ports: {}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: <l>}
spec:
  host: entry.example.com
  trafficPolicy:
    loadBalancer: {simple: ROUND_ROBIN, localityLbSetting: {failoverPriority: [<m>]}}
    outlierDetection: {}
  subsets: [{name: <n>, labels: {<k>: z}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: <o>}
spec:
  hosts: [shop.example.com]
  http:
  - name: <p>
    match: [{headers: {<q>: {exact: a}}, queryParams: {<r>: {exact: a}}, sourceLabels: {app: y}}]
    delegate: {name: leaf}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: leaf}
spec:
  http:
  - match: [{headers: {<s>: {exact: b}}, queryParams: {<t>: {exact: b}}, sourceLabels: {<w>: x}}]
    route: [{destination: {host: entry.example.com, subset: <n>}}]
    headers: {request: {set: {<u>: v}}}
---
apiVersion: sluice.dev/v1
kind: Bootstrap
metadata: {name: <v>}
spec:
  proxy: {labels: {<w>: x}}
  workloads: {<g>: '127.0.0.1:9000'}
`;

const letters = [...new Set(sample.match(/(?<=<)[a-z](?=>)/g))];

function withNames(names: ReadonlyMap<string, string>): string {
  return sample.replaceAll(/<([a-z])>/g, (_, letter: string) => names.get(letter) ?? letter);
}

function load(text: string, flags: readonly string[]): Translation {
  const { resources, findings } = loadResources([{ path: 'a.yaml', text }]);
  const settings = mergeSettings({ workload: flags }, resources.bootstraps);
  if (!settings.ok) throw new Error(settings.error.map(({ message }) => message).join(', '));
  const proxy: ProxySettings = settings.value.proxy;
  const translation = translateMesh(resources, proxy);
  return { ...translation, findings: [...findings, ...translation.findings] };
}

/** What was made of it, with another name in place of `name`. */
function shown(text: string, name: string): string {
  const { mesh, findings } = load(text, []);
  return JSON.stringify({ mesh, findings: findings.map(({ code }) => code) }).replaceAll(
    name,
    plainName,
  );
}

t.test('a name that every object has means no more than another in its place', async (t) => {
  for (const letter of letters) {
    const expected = shown(withNames(new Map([[letter, plainName]])), plainName);
    const found = shown(withNames(new Map([[letter, 'constructor']])), 'constructor');
    t.equal(found, expected, `<${letter}>`);
  }
});

t.test('with any of these names everywhere the configuration is read', async () => {
  const name = fc.constantFrom(...inheritedNames, plainName);
  const names = fc.array(name, { minLength: letters.length, maxLength: letters.length });
  fc.assert(
    fc.property(names, (chosen) => {
      const text = withNames(new Map(letters.map((letter, at) => [letter, chosen[at] ?? letter])));
      load(text, [`${chosen[0]}=127.0.0.1:1`]);
    }),
    { numRuns: 200 },
  );
});
