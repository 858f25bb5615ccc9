import t from 'tap';
import { analyze } from '../../../../src/config/analysis/analyze.ts';
import { contextOf, findingLine, resource } from '../../../support/analyzed.ts';

/** With annotations or labels. */
function marked(document: string, metadata: string): string {
  return document.replace(/(metadata: \{[^}]*)\}/, `$1, ${metadata}}`);
}

/** `CODE Kind name path` of each finding of Istio's analyzers. */
function found(...documents: readonly string[]): string[] {
  return analyze(contextOf(documents))
    .filter(({ code }) => code.startsWith('IST'))
    .map(findingLine);
}

const web = resource('Service', 'web', '{selector: {app: web}, ports: [{port: 80, name: http}]}');
const pod = resource(
  'Deployment',
  'web-v1',
  '{template: {metadata: {labels: {app: web, version: v1}}}}',
);
const toWeb = 'route: [{destination: {host: web}}]';

function gateway(name: string, server: string, selector = '{istio: ingressgateway}'): string {
  return resource('Gateway', name, `{selector: ${selector}, servers: [${server}]}`);
}

const plain = '{port: {number: 80, name: http, protocol: HTTP}, hosts: [a.com]}';

interface Case {
  readonly about: string;
  readonly given: readonly string[];
  readonly finds: readonly string[];
}

const cases: readonly Case[] = [
  {
    about: 'a right configuration has none',
    given: [
      web,
      pod,
      resource('VirtualService', 'a', `{hosts: [web], http: [{${toWeb}}]}`),
      resource('DestinationRule', 'a', '{host: web, subsets: [{name: v1, labels: {version: v1}}]}'),
    ],
    finds: [],
  },
  {
    about: 'hosts and ports of destinations',
    given: [
      resource('Service', 'two', '{ports: [{port: 80, name: http}, {port: 81, name: http-b}]}'),
      resource('VirtualService', 'a', '{hosts: [a], http: [{route: [{destination: {host: b}}]}]}'),
      resource(
        'VirtualService',
        'b',
        '{hosts: [b], http: [{route: [{destination: {host: two}}]}]}',
      ),
      resource(
        'VirtualService',
        'c',
        '{hosts: [c], http: [{route: [{destination: {host: two, port: {number: 9}}}]}]}',
      ),
    ],
    finds: [
      'IST0101 VirtualService a spec.http[0].route[0].destination.host',
      'IST0112 VirtualService b spec.http[0].route[0].destination',
      'IST0101 VirtualService c spec.http[0].route[0].destination.port',
    ],
  },
  {
    about: 'hosts that are not exported to the resource, or only to it',
    given: [
      resource('ServiceEntry', 'own.other', '{hosts: [x.com], exportTo: [.], resolution: DNS}'),
      resource(
        'ServiceEntry',
        'given.other',
        '{hosts: ["*.y.com"], exportTo: [default], ports: [{number: 80, name: h, protocol: HTTP}]}',
      ),
      resource(
        'VirtualService',
        'a',
        '{hosts: [a], http: [{route: [{destination: {host: x.com}}], mirror: {host: b.y.com}}]}',
      ),
    ],
    finds: ['IST0101 VirtualService a spec.http[0].route[0].destination.host'],
  },
  {
    about: 'a Service that is exported to a list with blanks',
    given: [
      marked(
        resource('Service', 'web.prod', '{selector: {app: web}, ports: [{port: 80, name: http}]}'),
        'annotations: {networking.istio.io/exportTo: "default, prod"}',
      ),
      resource(
        'VirtualService',
        'a.prod',
        '{hosts: [a], http: [{route: [{destination: {host: web}}]}]}',
      ),
      pod.replace('namespace: default', 'namespace: prod'),
    ],
    finds: [],
  },
  {
    about: 'subsets that nobody defines or has',
    given: [
      web,
      pod,
      resource(
        'VirtualService',
        'a',
        '{hosts: [web], http: [{route: [{destination: {host: web, subset: v9}}]}]}',
      ),
      resource('DestinationRule', 'a', '{host: web, subsets: [{name: v2, labels: {version: v2}}]}'),
      resource('DestinationRule', 'b', '{host: nobody}'),
    ],
    finds: [
      'IST0173 DestinationRule a spec.subsets[0]',
      'IST0174 DestinationRule b spec.host',
      'IST0101 VirtualService a spec.http[0].route[0].destination.subset',
    ],
  },
  {
    about: 'labels of the node count for subsets',
    given: [
      web,
      marked(resource('Node', 'n1', '{}'), 'labels: {topology.kubernetes.io/zone: z1}'),
      marked(resource('Pod', 'p', '{nodeName: n1}'), 'labels: {app: web}'),
      resource(
        'DestinationRule',
        'a',
        '{host: web, subsets: [{name: z1, labels: {topology.kubernetes.io/zone: z1}}]}',
      ),
    ],
    finds: [],
  },
  {
    about: 'TLS without an authority',
    given: [
      web,
      resource(
        'DestinationRule',
        'a',
        '{host: web, trafficPolicy: {tls: {mode: SIMPLE, sni: a}, portLevelSettings: ' +
          '[{port: {number: 80}, tls: {mode: SIMPLE}}]}}',
      ),
      resource(
        'DestinationRule',
        'b',
        '{host: web, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /a.pem}}}',
      ),
    ],
    finds: [
      'IST0128 DestinationRule a spec.trafficPolicy.tls',
      'IST0129 DestinationRule a spec.trafficPolicy.portLevelSettings[0].tls',
    ],
  },
  {
    about: 'gateways that are not there, or not for the host',
    given: [
      web,
      gateway('gw', plain),
      gateway('mine', plain.replace('a.com', 'other/a.com')),
      resource('VirtualService', 'a', `{hosts: [b.com], gateways: [gw], http: [{${toWeb}}]}`),
      resource('VirtualService', 'b', `{hosts: [a.com], gateways: [none], http: [{${toWeb}}]}`),
      resource('VirtualService', 'c', `{hosts: [a.com], gateways: [mine], http: [{${toWeb}}]}`),
      resource('VirtualService', 'd', `{hosts: ["*.com"], gateways: [./gw], http: [{${toWeb}}]}`),
    ],
    finds: [
      'IST0132 VirtualService a spec.gateways[0]',
      'IST0101 VirtualService b spec.gateways[0]',
      'IST0132 VirtualService b spec.gateways[0]',
      'IST0132 VirtualService c spec.gateways[0]',
    ],
  },
  {
    about: 'gateways that exclude each other, or that no pod serves',
    given: [
      gateway('one', plain),
      gateway('two', plain),
      gateway('bound', plain.replace('{port', '{bind: 127.0.0.2, port')),
      gateway('nobody', plain, '{app: none}'),
      gateway('closed', plain.replace('80', '8443')),
    ],
    finds: [
      'IST0145 Gateway one spec.servers[0]',
      'IST0145 Gateway two spec.servers[0]',
      'IST0101 Gateway nobody spec.selector',
      'IST0162 Gateway closed spec.servers[0].port',
    ],
  },
  {
    about: 'names of ports',
    given: [
      resource(
        'Service',
        'a',
        '{ports: [{port: 80}, {port: 81, name: web}, {port: 82, name: grpc}]}',
      ),
      resource(
        'Service',
        'b',
        '{type: ExternalName, externalName: x.com, ports: [{port: 1, name: tcp}]}',
      ),
      marked(resource('Service', 'c', '{ports: [{port: 80}]}'), 'labels: {istio: pilot}'),
    ],
    finds: [
      'IST0118 Service a spec.ports[0]',
      'IST0118 Service a spec.ports[1]',
      'IST0150 Service b spec.ports[0]',
    ],
  },
  {
    about: 'ServiceEntries for TCP, and with two protocols',
    given: [
      resource(
        'ServiceEntry',
        'a',
        '{hosts: [a.com], ports: [{number: 9, name: t, protocol: TCP}]}',
      ),
      resource(
        'ServiceEntry',
        'b',
        '{hosts: [a.com], ports: [{number: 9, name: t, protocol: HTTP}]}',
      ),
      resource(
        'ServiceEntry',
        'c',
        '{hosts: [a.com], exportTo: [x], ports: [{number: 9, name: t, protocol: HTTP}]}',
      ),
    ],
    finds: [
      'IST0177 ServiceEntry a spec.ports[0]',
      'IST0177 ServiceEntry b spec.ports[0]',
      'IST0177 ServiceEntry c spec.ports[0]',
      'IST0134 ServiceEntry a spec.ports[0]',
    ],
  },
  {
    about: 'Sidecars of one pod, of one namespace, and for pods without any',
    given: [
      pod,
      resource(
        'Sidecar',
        'a',
        '{workloadSelector: {labels: {app: web}}, egress: [{hosts: ["./*"]}]}',
      ),
      resource(
        'Sidecar',
        'b',
        '{workloadSelector: {labels: {version: v1}}, egress: [{hosts: ["./*"]}]}',
      ),
      resource(
        'Sidecar',
        'c',
        '{workloadSelector: {labels: {app: x}}, egress: [{hosts: ["./*"]}]}',
      ),
      resource('Sidecar', 'd.other', '{egress: [{hosts: ["./*"]}]}'),
      resource('Sidecar', 'e.other', '{egress: [{hosts: ["./*"]}]}'),
      'apiVersion: v1\nkind: Namespace\n' +
        'metadata: {name: amb, labels: {istio.io/dataplane-mode: ambient}}\n',
      resource('Sidecar', 'f.amb', '{egress: [{hosts: ["./*"]}]}'),
    ],
    finds: [
      'IST0101 Sidecar c spec.workloadSelector',
      'IST0110 Sidecar a spec.workloadSelector',
      'IST0110 Sidecar b spec.workloadSelector',
      'IST0111 Sidecar other/d ',
      'IST0111 Sidecar other/e ',
      'IST0167 Sidecar amb/f ',
    ],
  },
  {
    about: 'one host in two VirtualServices of the mesh',
    given: [
      web,
      resource('VirtualService', 'a', `{hosts: [web], http: [{${toWeb}}]}`),
      resource(
        'VirtualService',
        'b',
        `{hosts: [web.default.svc.cluster.local], http: [{${toWeb}}]}`,
      ),
      resource('VirtualService', 'c', `{hosts: [web], exportTo: [x], http: [{${toWeb}}]}`),
    ],
    finds: [
      'IST0109 VirtualService a spec.hosts',
      'IST0109 VirtualService b spec.hosts',
      'IST0109 VirtualService c spec.hosts',
    ],
  },
  {
    about: 'rules and matches that nothing comes to',
    given: [
      web,
      resource(
        'VirtualService',
        'a',
        `{hosts: [web], http: [{match: [{uri: {prefix: /a}}], ${toWeb}}, ` +
          `{match: [{name: n, uri: {prefix: /a}}], ${toWeb}}, ` +
          `{match: [{uri: {prefix: /ab}}, {uri: {prefix: /ac}, method: {exact: PUT}}], ${toWeb}}, ` +
          `{${toWeb}}, {${toWeb}}]}`,
      ),
    ],
    finds: [
      'IST0131 VirtualService a spec.http[1].match[0]',
      'IST0130 VirtualService a spec.http[1]',
      'IST0130 VirtualService a spec.http[4]',
      'IST0131 VirtualService a spec.http[2].match[0]',
    ],
  },
  {
    about: 'claims of tokens that nothing verifies',
    given: [
      web,
      gateway('gw', plain),
      resource(
        'VirtualService',
        'a',
        '{hosts: [a.com], gateways: [gw], http: [{match: [{headers: ' +
          `{"@request.auth.claims.group": {exact: x}}}], ${toWeb}}]}`,
      ),
    ],
    finds: ['IST0149 VirtualService a spec.http[0].match[0].headers["@request.auth.claims.group"]'],
  },
  {
    about: 'claims of tokens that something verifies',
    given: [
      web,
      gateway('gw', plain),
      resource(
        'VirtualService',
        'a',
        '{hosts: [a.com], gateways: [gw], http: [{match: [{headers: ' +
          `{"@request.auth.claims.group": {exact: x}}}], ${toWeb}}]}`,
      ),
      resource(
        'RequestAuthentication',
        'r.istio-system',
        '{selector: {matchLabels: {istio: ingressgateway}}}',
      ),
    ],
    finds: [],
  },
  {
    about: 'a gateway that sends to a host whose rules divide it',
    given: [
      web,
      pod,
      gateway('gw', plain),
      resource('DestinationRule', 'a', '{host: web, subsets: [{name: v1, labels: {version: v1}}]}'),
      resource('VirtualService', 'a', `{hosts: [a.com], gateways: [gw], http: [{${toWeb}}]}`),
      resource(
        'VirtualService',
        'b',
        '{hosts: [web], http: [{route: [{destination: {host: web, subset: v1}}]}]}',
      ),
    ],
    finds: ['IST0140 VirtualService a spec.http[0].route[0].destination'],
  },
  {
    about: 'Secrets that are not there, and certificates that two Gateways show',
    given: ['one', 'two'].map((name) =>
      gateway(
        name,
        `{port: {number: 443, name: https, protocol: HTTPS}, hosts: [${name}.com], ` +
          'tls: {mode: SIMPLE, credentialName: cert}}',
      ),
    ),
    finds: [
      'IST0138 Gateway one spec.servers[0].tls',
      'IST0138 Gateway two spec.servers[0].tls',
      'IST0101 Gateway one spec.servers[0].tls.credentialName',
      'IST0101 Gateway two spec.servers[0].tls.credentialName',
    ],
  },
  {
    about: 'a Secret that is no certificate',
    given: [
      'apiVersion: v1\nkind: Secret\nmetadata: {name: cert, namespace: istio-system}\n' +
        'stringData: {tls.crt: none, tls.key: none}\n',
      gateway(
        'gw',
        '{port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.com], ' +
          'tls: {mode: SIMPLE, credentialName: cert}}',
      ),
    ],
    finds: ['IST0161 Gateway gw spec.servers[0].tls.credentialName'],
  },
  {
    about: 'Telemetry resources for the same pods',
    given: [
      pod,
      resource('Telemetry', 'a', '{accessLogging: [{disabled: false}, {disabled: true}]}'),
      resource('Telemetry', 'b', '{accessLogging: [{providers: [{name: envoy}]}]}'),
      resource('Telemetry', 'c', '{selector: {matchLabels: {app: web}}, tracing: [{}]}'),
      resource('Telemetry', 'd', '{selector: {matchLabels: {version: v1}}, tracing: [{}]}'),
      resource('Telemetry', 'e', '{selector: {matchLabels: {app: x}}, tracing: [{}]}'),
    ],
    finds: [
      'IST0157 Telemetry a spec.accessLogging[0]',
      'IST0101 Telemetry e spec.selector',
      'IST0159 Telemetry c spec.selector',
      'IST0159 Telemetry d spec.selector',
      'IST0160 Telemetry a ',
      'IST0160 Telemetry b ',
    ],
  },
  {
    about: 'what stands in namespaces of Kubernetes itself is not looked at',
    given: [resource('Service', 'dns.kube-system', '{ports: [{port: 99}]}')],
    finds: [],
  },
];

t.test("what Istio's analyzers find", async (t) => {
  for (const { about, given, finds } of cases) t.same(found(...given), finds, about);
});

t.test('a host that is not there is told with what was probably meant', async (t) => {
  const hintFor = (host: string) => {
    const to = `{hosts: [a.com], http: [{route: [{destination: {host: ${host}}}]}]}`;
    const documents = [
      resource('Service', 'cart', '{ports: [{port: 80, name: http}]}'),
      resource('Service', 'stock.prod', '{ports: [{port: 80, name: http}]}'),
      resource('VirtualService', 'shop', to),
    ];
    return analyze(contextOf(documents)).find(({ code }) => code === 'IST0101')?.hint;
  };
  t.equal(hintFor('crat'), 'did you mean "cart"?');
  t.equal(hintFor('stock'), 'did you mean "stock.prod.svc.cluster.local"?');
  t.equal(hintFor('stock.prod'), 'did you mean "stock.prod.svc.cluster.local"?');
  t.equal(hintFor('payments'), null);
});

t.test('an appProtocol that is not known is said to be the reason', async (t) => {
  const text = resource('Service', 'a', '{ports: [{port: 80, name: http, appProtocol: htp}]}');
  const findings = analyze(contextOf([text]));
  t.match(findings, [
    { code: 'IST0118', message: /the appProtocol "htp" of port 80/, hint: 'did you mean "http"?' },
  ]);
});
