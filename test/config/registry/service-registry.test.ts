import t from 'tap';
import type { ProxySettings } from '../../../src/config/proxy-settings.ts';
import {
  addresses,
  cluster,
  domains,
  findingPlaces,
  sidecar,
  translate,
} from '../translate/translate-yaml.ts';

const web = 'outbound|80||web.default.svc.cluster.local';

const service = `---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.0.0.1, selector: {app: web}, ports: [{name: http, port: 80, targetPort: app}]}
`;

const deployment = `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-v1}
spec:
  template:
    metadata: {labels: {app: web, version: v1}}
    spec: {containers: [{name: c, ports: [{name: app, containerPort: 8080}]}]}
`;

function pod(name: string, ip: string, ready = 'True'): string {
  return `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: web, version: v2, pod-template-hash: abc}}
spec: {containers: [{name: c, ports: [{name: app, containerPort: 8080}]}]}
status: {podIP: ${ip}, phase: Running, conditions: [{type: Ready, status: "${ready}"}]}
`;
}

const slice = `---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 8081}, {name: other, port: 9}]
endpoints:
- {addresses: [10.1.0.7], zone: z1, targetRef: {kind: Pod, name: web-abc-1, namespace: default}}
- {addresses: [10.1.0.8], conditions: {ready: false}}
`;

const endpoints = `---
apiVersion: v1
kind: Endpoints
metadata: {name: web}
subsets:
- addresses: [{ip: 10.1.0.9}]
  notReadyAddresses: [{ip: 10.1.0.10}]
  ports: [{name: http, port: 8082}]
`;

const mapped: ProxySettings = {
  ...sidecar,
  workloads: new Map([
    [
      'web-v1',
      [
        { address: '127.0.0.1', port: 9081 },
        { address: '127.0.0.1', port: 9082 },
      ],
    ],
  ]),
};

t.test('endpoints of a Service', async (t) => {
  t.test('the workloads map wins over everything', async (t) => {
    const translation = translate(service + deployment + slice + pod('p', '10.1.0.1'), mapped);
    t.strictSame(addresses(translation, web), ['127.0.0.1:9081', '127.0.0.1:9082']);
    t.match(cluster(translation, web).endpoints[0]?.workload, {
      name: 'web-v1',
      app: 'web',
      version: 'v1',
      canonicalName: 'web',
      canonicalRevision: 'v1',
    });
  });

  t.test('EndpointSlices come before Endpoints, and these before Pods', async (t) => {
    const withSlice = translate(service + slice + endpoints + pod('web-abc-1', '10.1.0.1'));
    t.strictSame(addresses(withSlice, web), ['10.1.0.7:8081']);
    const [endpoint] = cluster(withSlice, web).endpoints;
    t.equal(endpoint?.locality.zone, 'z1');
    t.equal(endpoint?.workload?.version, 'v2', 'labels are those of the Pod that it names');
    t.equal(endpoint?.workload?.name, 'web', 'a Pod is called after its Deployment');
    t.strictSame(addresses(translate(service + endpoints + pod('p', '10.1.0.1')), web), [
      '10.1.0.9:8082',
    ]);
  });

  t.test('Pods that are ready, at the container port that targetPort names', async (t) => {
    const pods = pod('a', '10.1.0.1') + pod('b', '10.1.0.2', 'False');
    t.strictSame(addresses(translate(service + pods), web), ['10.1.0.1:8080']);
  });

  t.test('a service none of whose endpoints is ready has none', async (t) => {
    const translation = translate(service + pod('b', '10.1.0.2', 'False'));
    t.equal(cluster(translation, web).discovery, 'static');
    t.strictSame(addresses(translation, web), []);
  });

  t.test('publishNotReadyAddresses takes them all', async (t) => {
    const all = service.replace('spec: {', 'spec: {publishNotReadyAddresses: true, ');
    t.strictSame(addresses(translate(all + slice), web), ['10.1.0.7:8081', '10.1.0.8:8081']);
    t.strictSame(addresses(translate(all + endpoints), web), ['10.1.0.9:8082', '10.1.0.10:8082']);
  });

  t.test('where nothing tells them the name is resolved, and the user is told', async (t) => {
    const translation = translate(service + deployment);
    t.equal(cluster(translation, web).discovery, 'strict-dns');
    t.strictSame(addresses(translation, web), ['web.default.svc.cluster.local:80']);
    t.strictSame(findingPlaces(translation), ['2 SLC0210']);
    t.match(translation.findings[0]?.hint, / --workload \S+=IP:PORT/);
  });

  t.test('a headless one is resolved at the port of its pods', async (t) => {
    const headless = `---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: None, ports: [{name: http, port: 80, targetPort: 8080}]}
`;
    const translation = translate(headless);
    t.strictSame(addresses(translation, web), ['web.default.svc.cluster.local:8080']);
    t.match(domains(translation)[0], / \*\.web\.default\.svc\.cluster\.local /);
  });
});

t.test('a name in the workloads map that no resource has is reported', async (t) => {
  const bootstrap = `---
apiVersion: sluice.dev/v1
kind: Bootstrap
metadata: {name: b}
spec:
  workloads:
    web-v1: 127.0.0.1:9081
`;
  const [finding] = translate(bootstrap, mapped).findings;
  t.match(finding, { code: 'SLC0212', line: 7, path: 'spec.workloads.web-v1' });
  t.match(translate('', mapped).findings[0], { code: 'SLC0212', file: '', line: 0 });
});

t.test('ExternalName', async (t) => {
  const alias = (target: string, ports = 'ports: [{name: http, port: 80}]') => `---
apiVersion: v1
kind: Service
metadata: {name: alias}
spec: {type: ExternalName, externalName: ${target}, ${ports}}
`;
  t.test('is a further name of a service that is known', async (t) => {
    const translation = translate(service + endpoints + alias('web.default.svc.cluster.local'));
    t.match(domains(translation)[0], /^web.*:80: .* alias\.default\.svc\.cluster\.local alias /);
    t.notOk(translation.mesh.clusters.some(({ name }) => name.includes('alias')));
  });

  t.test('is resolved by DNS otherwise, on port 80 where it names none', async (t) => {
    for (const ports of ['ports: [{name: http, port: 80}]', '']) {
      const translation = translate(alias('www.example.com', ports));
      const name = 'outbound|80||alias.default.svc.cluster.local';
      t.equal(cluster(translation, name).discovery, 'strict-dns');
      t.strictSame(addresses(translation, name), ['www.example.com:80']);
      t.equal(domains(translation).length, 2);
    }
  });

  t.test('is an unknown host under REGISTRY_ONLY, as in Istio', async (t) => {
    const mesh = { ...sidecar.mesh, outboundTrafficPolicy: 'REGISTRY_ONLY' } as const;
    const translation = translate(alias('www.example.com'), { ...sidecar, mesh });
    t.strictSame(domains(translation), ['block_all: *']);
  });

  t.test('two that point at each other end nothing', async (t) => {
    const other = alias('alias.default.svc.cluster.local').replace('name: alias', 'name: b');
    t.equal(domains(translate(alias('b.default.svc.cluster.local') + other)).length, 3);
  });
});

function entry(name: string, spec: string, namespace = 'default'): string {
  return `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: ${namespace}}
spec: {ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}], ${spec}}
`;
}

t.test('ServiceEntry', async (t) => {
  const x = 'outbound|80||x.example.com';
  const cases = [
    ['STATIC', 'endpoints: [{address: 10.1.0.1, ports: {http: 81}}]', 'static', ['10.1.0.1:81']],
    ['DNS', 'endpoints: [{address: y.example.com}]', 'strict-dns', ['y.example.com:8080']],
    ['DNS', 'exportTo: ["*"]', 'strict-dns', ['x.example.com:8080']],
    ['DNS_ROUND_ROBIN', 'exportTo: ["*"]', 'logical-dns', ['x.example.com:8080']],
    ['NONE', 'exportTo: ["*"]', 'original-dst', []],
  ] as const;
  for (const [resolution, rest, discovery, expected] of cases) {
    t.test(`${resolution} with ${rest}`, async (t) => {
      const yaml = entry('x', `hosts: [x.example.com], resolution: ${resolution}, ${rest}`);
      const translation = translate(yaml);
      t.equal(cluster(translation, x).discovery, discovery);
      t.strictSame(addresses(translation, x), expected);
    });
  }

  t.test('selects WorkloadEntries and Pods of its namespace by labels', async (t) => {
    const workload = (name: string, namespace: string, address: string) => `---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: ${name}, namespace: ${namespace}}
spec: {address: ${address}, labels: {app: web}, weight: 3, locality: r/z}
`;
    const selector =
      'hosts: [x.example.com], resolution: STATIC, workloadSelector: {labels: {app: web}}';
    const translation = translate(
      entry('x', selector) +
        workload('one', 'default', '10.1.0.1') +
        workload('two', 'other', '10.1.0.2') +
        pod('p', '10.1.0.3'),
    );
    t.strictSame(addresses(translation, x), ['10.1.0.1:8080', '10.1.0.3:8080']);
    t.match(cluster(translation, x).endpoints[0], { weight: 3, locality: { zone: 'z' } });

    const empty = 'hosts: [x.example.com], resolution: STATIC, workloadSelector: {}';
    const unselected = translate(entry('x', empty) + workload('one', 'default', '10.1.0.1'));
    t.strictSame(addresses(unselected, x), [], 'an empty selector selects nothing');
  });

  t.test('several for one host are one in a namespace; the own namespace wins', async (t) => {
    const spec = (address: string) =>
      `hosts: [x.example.com], resolution: STATIC, endpoints: [{address: ${address}}]`;
    const yaml =
      entry('one', spec('10.1.0.1')) +
      entry('two', spec('10.1.0.2')) +
      entry('three', spec('10.1.0.3'), 'other');
    t.strictSame(addresses(translate(yaml), x), ['10.1.0.1:8080', '10.1.0.2:8080']);
    const identity = { ...sidecar.identity, namespace: 'other' };
    t.strictSame(addresses(translate(yaml, { ...sidecar, identity }), x), ['10.1.0.3:8080']);
  });

  t.test('is seen only where it is exported to', async (t) => {
    const hidden = ['["."]', '[third]', '["~"]'];
    for (const exportTo of hidden) {
      const yaml = entry('x', `hosts: [x.example.com], exportTo: ${exportTo}`, 'other');
      t.strictSame(domains(translate(yaml)), ['allow_any: *'], exportTo);
    }
    const yaml = entry('x', 'hosts: [x.example.com], exportTo: [default]', 'other');
    t.equal(domains(translate(yaml)).length, 2);
  });
});

function workloadEntry(name: string, spec: string, labels = '{}'): string {
  return `---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: ${name}, labels: ${labels}}
spec: {${spec}}
`;
}

t.test('WorkloadEntries', async (t) => {
  t.test('are endpoints of Services that select them, beside those of Kubernetes', async (t) => {
    const numbered = service.replace('targetPort: app', 'targetPort: 8090');
    const entries =
      workloadEntry('one', 'address: 10.2.0.1, labels: {app: web}') +
      workloadEntry('two', 'address: 10.2.0.2, labels: {app: web}, ports: {http: 7070}') +
      workloadEntry('named', 'address: vm.example.com, labels: {app: web}') +
      workloadEntry('other', 'address: 10.2.0.3, labels: {app: other}');
    t.strictSame(addresses(translate(numbered + slice + entries), web), [
      '10.1.0.7:8081',
      '10.2.0.1:8090',
      '10.2.0.2:7070',
    ]);
    const named = workloadEntry('p', 'address: 10.2.0.4, labels: {app: web}, ports: {app: 6060}');
    t.strictSame(addresses(translate(service + entries + named), web), ['10.2.0.4:6060']);
  });

  const x = 'outbound|80||x.example.com';
  const selecting = entry(
    'x',
    'hosts: [x.example.com], resolution: STATIC, workloadSelector: {labels: {app: web}}',
  );

  t.test('have the labels of the object before those of the spec', async (t) => {
    const one = workloadEntry('one', 'address: 10.2.0.1, labels: {app: old}', '{app: web}');
    const two = workloadEntry('two', 'address: 10.2.0.2, labels: {app: web}', '{app: new}');
    t.strictSame(addresses(translate(selecting + one + two), x), ['10.2.0.1:8080']);
  });

  t.test('may say where they are in a label', async (t) => {
    const one = workloadEntry(
      'one',
      'address: 10.2.0.1, labels: {app: web, istio-locality: r.z.s}',
    );
    const [endpoint] = cluster(translate(selecting + one), x).endpoints;
    t.strictSame(endpoint?.locality, { region: 'r', zone: 'z', subzone: 's' });
  });

  t.test('count with a name only where names are resolved', async (t) => {
    const one = workloadEntry('one', 'address: vm.example.com, labels: {app: web}');
    t.strictSame(addresses(translate(selecting + one), x), []);
    const byName = selecting.replace('STATIC', 'DNS');
    t.strictSame(addresses(translate(byName + one), x), ['vm.example.com:8080']);
  });
});

t.test('one host in several resources', async (t) => {
  const host = 'web.default.svc.cluster.local';
  const spec = (address: string, ports = '[{number: 80, name: http, protocol: HTTP}]') =>
    `{hosts: [${host}], resolution: STATIC, ports: ${ports}, endpoints: [{address: ${address}}]}`;
  const se = (name: string, text: string, namespace = 'default') => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${text}
`;

  t.test('a Service says what it is; endpoints of ports of one name are joined', async (t) => {
    const both = se('se', spec('10.3.0.1', '[{number: 80, name: http}, {number: 81, name: b}]'));
    const translation = translate(service + slice + both);
    t.strictSame(addresses(translation, web), ['10.1.0.7:8081', '10.3.0.1:80']);
    t.notOk(translation.mesh.clusters.some(({ name }) => name.startsWith('outbound|81|')));
    const renamed = se('se', spec('10.3.0.1', '[{number: 80, name: other, protocol: HTTP}]'));
    t.strictSame(addresses(translate(service + slice + renamed), web), ['10.1.0.7:8081']);
  });

  t.test('ServiceEntries that are alike have the ports of all', async (t) => {
    const second = spec('10.3.0.2', '[{number: 81, name: b, protocol: HTTP}]');
    const ports = (text: string) =>
      translate(se('one', spec('10.3.0.1')) + se('two', text)).mesh.clusters.filter(({ name }) =>
        name.endsWith(host),
      ).length;
    t.equal(ports(second), 2);
    t.equal(ports(second.replace('{hosts', '{exportTo: ["."], hosts')), 1);
  });

  t.test('a Service goes before ServiceEntries elsewhere, but for clients there', async (t) => {
    const elsewhere = se('se', spec('10.3.0.3'), 'a');
    const namespaced = (namespace: string) => {
      const identity = { ...sidecar.identity, namespace };
      return addresses(translate(service + slice + elsewhere, { ...sidecar, identity }), web);
    };
    t.strictSame(namespaced('third'), ['10.1.0.7:8081']);
    t.strictSame(namespaced('a'), ['10.3.0.3:80']);
  });

  t.test('what is exported by name goes before what everybody sees', async (t) => {
    const open = se('se', spec('10.3.0.4'), 'a');
    const named = se('se', spec('10.3.0.5').replace('{hosts', '{exportTo: [default], hosts'), 'b');
    t.strictSame(addresses(translate(open + named), web), ['10.3.0.5:80']);
  });
});

t.test('every address of a slice is an endpoint, unless it is a name', async (t) => {
  const two = slice.replace('[10.1.0.7]', '[10.1.0.7, 10.1.0.17]');
  t.strictSame(addresses(translate(service + two), web), ['10.1.0.7:8081', '10.1.0.17:8081']);
  const names = slice.replace('IPv4', 'FQDN');
  t.strictSame(addresses(translate(service + names), web), []);
});

t.test(
  'a gateway has no destination of the client’s to go to: NONE has no endpoints',
  async (t) => {
    const yaml = entry('x', 'hosts: [x.example.com]');
    const { mesh } = translate(yaml, { ...sidecar, outbound: [] });
    t.match(
      mesh.clusters.find(({ name }) => name === 'outbound|80||x.example.com'),
      { discovery: 'static', endpoints: [] },
    );
  },
);

t.test('a default of the mesh is a dot, a star, or nothing', async (t) => {
  const yaml = entry('x', 'hosts: [x.example.com]', 'other');
  const seen = (defaultServiceExportTo: string[]) => {
    const settings = { ...sidecar, mesh: { ...sidecar.mesh, defaultServiceExportTo } };
    return domains(translate(yaml, settings)).length - 1;
  };
  t.equal(seen(['*']), 1);
  t.equal(seen(['*', '.']), 0);
  t.equal(seen(['default']), 0);
});

t.test('trafficDistribution', async (t) => {
  const far = slice.replace('zone: z1,', 'zone: z2,').replace('{ready: false}', '{ready: true}');
  const locality = { region: '', zone: 'z1', subzone: '' };
  const settings = { ...sidecar, identity: { ...sidecar.identity, locality } };
  const zoned = far.replace('{addresses: [10.1.0.8],', '{addresses: [10.1.0.8], zone: z1,');
  const priorities = (field: string, annotation = '') => {
    const spec = service
      .replace('spec: {', `spec: {${field}`)
      .replace('{name: web}', `{name: web, annotations: {${annotation}}}`);
    return cluster(translate(spec + zoned, settings), web).endpoints.map(
      ({ priority }) => priority,
    );
  };
  t.strictSame(priorities(''), [0, 0]);
  for (const value of ['PreferClose', 'PreferSameZone', 'PreferSameNode']) {
    t.strictSame(priorities(`trafficDistribution: ${value}, `), [1, 0], value);
  }
  const annotation = 'networking.istio.io/traffic-distribution: preferclose';
  t.strictSame(priorities('', annotation), [1, 0]);

  const namespace = `---
apiVersion: v1
kind: Namespace
metadata: {name: default, annotations: {${annotation}}}
`;
  const inherited = cluster(translate(service + zoned + namespace, settings), web);
  t.strictSame(
    inherited.endpoints.map(({ priority }) => priority),
    [1, 0],
  );
});

t.test('a gateway prefers no namespace', async (t) => {
  const spec = (address: string) =>
    `hosts: [x.example.com], resolution: STATIC, endpoints: [{address: ${address}}]`;
  const both = entry('a', spec('10.1.0.1'), 'a') + entry('own', spec('10.1.0.2'));
  const x = 'outbound|80||x.example.com';
  t.strictSame(addresses(translate(both), x), ['10.1.0.2:8080']);
  t.strictSame(addresses(translate(both, { ...sidecar, outbound: [] }), x), ['10.1.0.1:8080']);
});

t.test('a range of one address is that address', async (t) => {
  const ranges = '["10.9.0.1/32", "fd00::1/128", "10.9.0.0/24"]';
  const spec = `hosts: [x.example.com], resolution: STATIC, addresses: ${ranges}`;
  t.match(domains(translate(entry('x', spec)))[0], / 10\.9\.0\.1 \[fd00::1\]$/);
});
