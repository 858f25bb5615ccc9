/** Kiali's checks: each mistake, and what is close to it and right. */

import t from 'tap';
import { runAnalyzers } from '../../../../src/config/analysis/analyze.ts';
import { kialiAnalyzers } from '../../../../src/config/analysis/kiali/kiali-analyzers.ts';
import type { Finding } from '../../../../src/config/finding.ts';
import { contextOf, findingLine, resource } from '../../../support/analyzed.ts';

function found(...documents: readonly string[]): Finding[] {
  return runAnalyzers(kialiAnalyzers, contextOf(documents));
}

interface Case {
  readonly about: string;
  readonly given: readonly string[];
  /** `CODE Kind name path` */
  readonly finds: readonly string[];
  /** Of the first. */
  readonly message?: RegExp;
  readonly hint?: RegExp | null;
}

const web = resource('Service', 'web', '{selector: {app: web}, ports: [{port: 80, name: http}]}');

function rules(http: string, more = ''): string {
  return resource('VirtualService', 'a', `{hosts: [web], http: [${http}]${more}}`);
}

function route(...destinations: readonly string[]): string {
  return `{route: [${destinations.map((one) => `{${one}}`).join(', ')}]}`;
}

const toWeb = 'destination: {host: web}';

function deployment(name: string, labels: string, ports = ''): string {
  const spec = ports === '' ? '' : `, spec: {containers: [{name: app, ports: [${ports}]}]}`;
  return resource(
    'Deployment',
    name,
    `{selector: {}, template: {metadata: {labels: {${labels}}}${spec}}}`,
  );
}

function service(ports: string): string {
  return resource('Service', 'web', `{selector: {app: web}, ports: [${ports}]}`);
}

const open = deployment('web-v1', 'app: web', '{containerPort: 9080, name: http}');

function sidecar(...hosts: readonly string[]): string {
  return resource('Sidecar', 'a', `{egress: [{hosts: ["${hosts.join('", "')}"]}]}`);
}

const simple = '{tls: {mode: SIMPLE}}';
const pool = '{connectionPool: {http: {maxRetries: 1}}}';

const cases: readonly Case[] = [
  {
    about: 'a weight of one destination',
    given: [rules(route(`${toWeb}, weight: 50`)), web],
    finds: ['KIA1104 VirtualService a spec.http[0].route[0].weight'],
    message: /weight 50/,
  },
  {
    about: 'a weight of 100, of 0 or none, and weights of several',
    given: [
      rules(
        [
          route(`${toWeb}, weight: 100`),
          route(toWeb),
          route(`${toWeb}, weight: 50`, 'destination: {host: other}, weight: 50'),
        ].join(', '),
      ),
    ],
    finds: [],
  },
  {
    about: 'a weight of one destination of a TCP rule',
    given: [rules(route(toWeb), `, tcp: [${route(`${toWeb}, weight: 20`)}]`)],
    finds: ['KIA1104 VirtualService a spec.tcp[0].route[0].weight'],
  },
  {
    about: 'one destination twice, also by its full name',
    given: [
      rules(
        route(
          'destination: {host: web, subset: v1}, weight: 50',
          'destination: {host: web.default.svc.cluster.local, subset: v1}, weight: 50',
        ),
      ),
    ],
    finds: ['KIA1105 VirtualService a spec.http[0].route[1].destination'],
    message: /route\[0\]/,
  },
  {
    about: 'destinations that differ in subset, port or what they do to headers',
    given: [
      rules(
        route(
          'destination: {host: web, subset: v1}, weight: 25',
          'destination: {host: web, subset: v2}, weight: 25',
          'destination: {host: web, subset: v1, port: {number: 81}}, weight: 25',
          'destination: {host: web, subset: v1}, headers: {request: {set: {a: b}}}, weight: 25',
        ),
      ),
    ],
    finds: [],
  },
  {
    about: 'a match for a Gateway that the rules are not bound to',
    given: [
      rules(
        `{match: [{gateways: [gww]}, {gateways: [mesh, ./gw]}], route: [{${toWeb}}]}`,
        ', gateways: [gw, mesh]',
      ),
    ],
    finds: ['KIA1102 VirtualService a spec.http[0].match[0].gateways[0]'],
    hint: /did you mean "gw"/,
  },
  {
    about: 'a match for a Gateway where the rules are for the mesh alone',
    given: [rules(`{match: [{gateways: [edge]}], route: [{${toWeb}}]}`)],
    finds: ['KIA1102 VirtualService a spec.http[0].match[0].gateways[0]'],
    hint: /add "edge" to spec\.gateways/,
  },
  {
    about: 'matches of a delegate are for the Gateways of whoever includes it',
    given: [
      resource('VirtualService', 'a', `{http: [{match: [{gateways: [gw]}], route: [{${toWeb}}]}]}`),
    ],
    finds: [],
  },
  {
    about: 'the old name of a Gateway',
    given: [
      resource(
        'Gateway',
        'gw.edge',
        '{selector: {a: b}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
      ),
      rules(route(toWeb), ', gateways: [gw.edge]'),
      resource('VirtualService', 'b', `{hosts: [b], gateways: [edge/gw], http: [${route(toWeb)}]}`),
      resource('VirtualService', 'c', `{hosts: [c], gateways: [x.y], http: [${route(toWeb)}]}`),
    ],
    finds: ['KIA1108 VirtualService a spec.gateways[0]'],
    hint: /write "edge\/gw"/,
  },
  {
    about: 'exported to a namespace that nothing is in',
    given: [
      resource('Namespace', 'shop', '{}'),
      rules(route(toWeb), ', exportTo: [shop, shpo]'),
      resource('DestinationRule', 'b', '{host: web, exportTo: [., nowhere]}'),
      resource(
        'Service',
        'c',
        '{ports: [{port: 80, name: http}]}',
        ', annotations: {networking.istio.io/exportTo: "shop, shup"}',
      ),
      resource(
        'ServiceEntry',
        'd',
        '{hosts: [d.com], exportTo: ["*"], ports: [{number: 80, name: http, protocol: HTTP}]}',
      ),
    ],
    finds: [
      'KIA0005 VirtualService a spec.exportTo[1]',
      'KIA0005 DestinationRule b spec.exportTo[1]',
      'KIA0005 Service c metadata.annotations["networking.istio.io/exportTo"]',
    ],
    hint: /did you mean "shop"/,
  },
  {
    about: 'DestinationRules of one host with the same subset, or both with a policy',
    given: [
      resource(
        'DestinationRule',
        'a',
        `{host: web, trafficPolicy: ${pool}, subsets: [{name: v1, labels: {version: v1}}]}`,
      ),
      resource(
        'DestinationRule',
        'b',
        `{host: web.default.svc.cluster.local, trafficPolicy: ${pool}, subsets: [{name: v1, labels: {version: v9}}]}`,
      ),
    ],
    finds: [
      'KIA0201 DestinationRule b spec.subsets[0]',
      'KIA0201 DestinationRule b spec.trafficPolicy',
    ],
    message: /defined in default\/a before/,
  },
  {
    about: 'DestinationRules that complete each other, or are for others',
    given: [
      resource('DestinationRule', 'a', `{host: web, trafficPolicy: ${pool}}`),
      resource('DestinationRule', 'b', '{host: web, subsets: [{name: v1, labels: {version: v1}}]}'),
      resource('DestinationRule', 'c.other', `{host: web, trafficPolicy: ${pool}}`),
      resource('DestinationRule', 'd', `{host: web, exportTo: [.], trafficPolicy: ${pool}}`),
      resource(
        'DestinationRule',
        'e',
        `{host: web, workloadSelector: {matchLabels: {a: b}}, trafficPolicy: ${pool}}`,
      ),
    ],
    finds: [],
  },
  {
    about: 'a rule that hides the TLS settings of one for a wildcard',
    given: [
      resource(
        'DestinationRule',
        'all',
        `{host: "*.default.svc.cluster.local", trafficPolicy: ${simple}}`,
      ),
      resource('DestinationRule', 'a', `{host: web, trafficPolicy: ${pool}}`),
      resource('DestinationRule', 'b', `{host: other, trafficPolicy: {tls: {mode: DISABLE}}}`),
      resource(
        'DestinationRule',
        'c',
        `{host: third, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}]}}`,
      ),
      resource('DestinationRule', 'd.far', `{host: web, trafficPolicy: ${pool}}`),
    ],
    finds: ['KIA0204 DestinationRule a spec.trafficPolicy'],
    message: /takes the place of default\/all.*SIMPLE/,
  },
  {
    about: 'a rule of the root namespace holds for all, and one without TLS hides nothing',
    given: [
      resource(
        'DestinationRule',
        'all.istio-system',
        `{host: "*.local", trafficPolicy: ${simple}}`,
      ),
      resource('DestinationRule', 'a.far', '{host: web}'),
      resource('DestinationRule', 'wide', `{host: "*.com", trafficPolicy: ${pool}}`),
      resource('DestinationRule', 'b', '{host: a.com}'),
    ],
    finds: ['KIA0204 DestinationRule far/a spec.trafficPolicy'],
  },
  {
    about: 'subsets without labels',
    given: [
      resource(
        'DestinationRule',
        'a',
        '{host: web, subsets: [{name: all}, {name: v1, labels: {version: v1}}]}',
      ),
    ],
    finds: ['KIA0209 DestinationRule a spec.subsets[0]'],
    message: /"all" has no labels/,
  },
  {
    about: 'ports of a Service that no container has',
    given: [
      service(
        [
          '{port: 80, name: http, targetPort: 9080}',
          '{port: 81, name: http-b, targetPort: 9090}',
          '{port: 82, name: http-c, targetPort: http}',
          '{port: 83, name: http-d, targetPort: htttp}',
          '{port: 9080, name: http-e}',
        ].join(', '),
      ),
      open,
    ],
    finds: [
      'KIA0701 Service web spec.ports[1].targetPort',
      'KIA0701 Service web spec.ports[3].targetPort',
    ],
    message: /no container of web-v1 has the port 9090/,
    hint: /9080 \(http\)/,
  },
  {
    about: 'pods that list no ports, and those of others',
    given: [
      service('{port: 80, name: http, targetPort: 8080}'),
      deployment('web-v1', 'app: web'),
      deployment('other', 'app: other', '{containerPort: 1}'),
    ],
    finds: [],
  },
  {
    about: 'some pods list ports, and others none',
    given: [
      service('{port: 80, name: http, targetPort: 9090}'),
      deployment('web-v1', 'app: web', '{containerPort: 8081}'),
      deployment('web-v2', 'app: web'),
    ],
    finds: [],
  },
  {
    about: 'egress hosts that nothing has',
    given: [
      web,
      resource(
        'ServiceEntry',
        'x.ext',
        '{hosts: [x.com], ports: [{number: 80, name: http, protocol: HTTP}]}',
      ),
      rules(route(toWeb)).replace('[web]', '[virtual.example]'),
      sidecar(
        './webb.default.svc.cluster.local',
        'ext/x.com',
        'ext/*.com',
        '*/virtual.example',
        './*',
        '~default/none.com',
        'default/web.default.svc.cluster.local',
        'ext/y.com',
        '*/z.com',
        'nowhere/web.com',
      ),
    ],
    finds: [
      'KIA1004 Sidecar a spec.egress[0].hosts[0]',
      'KIA1004 Sidecar a spec.egress[0].hosts[7]',
      'KIA1004 Sidecar a spec.egress[0].hosts[8]',
    ],
    hint: /did you mean "web\.default\.svc\.cluster\.local"/,
  },
  {
    about: 'selectors that no workload has',
    given: [
      deployment('web-v1', 'app: web'),
      resource('WorkloadEntry', 'vm', '{address: 1.2.3.4, labels: {app: vm}}'),
      resource(
        'ServiceEntry',
        'a',
        '{hosts: [a.com], resolution: STATIC, workloadSelector: {labels: {app: wm}}, ports: [{number: 80, name: http, protocol: HTTP}]}',
      ),
      resource(
        'ServiceEntry',
        'b',
        '{hosts: [b.com], resolution: STATIC, workloadSelector: {labels: {app: vm}}, ports: [{number: 80, name: http, protocol: HTTP}]}',
      ),
      resource('DestinationRule', 'c', '{host: web, workloadSelector: {matchLabels: {app: web}}}'),
      resource('DestinationRule', 'd', '{host: web, workloadSelector: {matchLabels: {app: x}}}'),
      resource('Telemetry', 'e', '{selector: {matchLabels: {app: x}}}'),
      resource('Telemetry', 'f.istio-system', '{selector: {matchLabels: {app: web}}}'),
      resource('Telemetry', 'g.empty', '{selector: {matchLabels: {app: x}}}'),
    ],
    finds: [
      'KIA0004 ServiceEntry a spec.workloadSelector',
      'KIA0004 DestinationRule d spec.workloadSelector',
      'KIA0004 Telemetry e spec.selector',
    ],
    message: /no workload of default has the labels app=wm/,
  },
  {
    about: 'what is in a namespace of Kubernetes itself is left out',
    given: [
      resource(
        'VirtualService',
        'a.kube-system',
        `{hosts: [web], http: [${route(`${toWeb}, weight: 50`)}]}`,
      ),
    ],
    finds: [],
  },
];

for (const { about, given, finds, message, hint } of cases) {
  t.test(about, async (t) => {
    const findings = found(...given);
    const lines = findings.map(findingLine);
    t.strictSame(lines.sort(), [...finds].sort(), 'findings', { findings });
    const first = findings.find(
      ({ code, path }) => finds[0]?.startsWith(code) && finds[0].endsWith(path),
    );
    if (message !== undefined) t.match(first?.message, message);
    if (hint !== undefined) t.match(first?.hint, hint);
  });
}
