/** Secrets of other namespaces: what a reference was granted is not there for who writes its name. */

import t from 'tap';
import type { Translation } from '../../../../src/config/translate/mesh.ts';
import { pem } from '../../../support/tls-fixtures.ts';
import { cluster, resource, translate } from '../../translate/translate-yaml.ts';
import { atHome, gatewayApi, kubernetesService } from './connection-yaml.ts';

const name = 'kubernetes-gateway://victim/cert';
const text = (file: string) => JSON.stringify(pem(file));
const secret = `---
apiVersion: v1
kind: Secret
metadata: {name: cert, namespace: victim}
stringData: {tls.crt: ${text('server-a')}, tls.key: ${text('server-a.key')}}
`;

function listenerOf(namespace: string, port: number): string {
  const tls = '{certificateRefs: [{name: cert, namespace: victim}]}';
  const listener = `{name: https, port: ${port}, protocol: HTTPS, tls: ${tls}}`;
  const spec = `{gatewayClassName: istio, listeners: [${listener}]}`;
  return gatewayApi('Gateway', `${namespace}/own`, spec);
}

function attackAt(port: number): string {
  const tls = `{mode: SIMPLE, credentialName: "${name}"}`;
  const server = `{port: {number: ${port}, name: https, protocol: HTTPS}, hosts: ["*"], tls: ${tls}}`;
  return resource('Gateway', 'attacker/stealer', `{servers: [${server}]}`);
}

/** Whether the certificate that a port shows comes with a key. */
function hasCertificate({ mesh, secrets }: Translation, port: number): boolean {
  const listener = mesh.listeners.find(({ servicePort }) => servicePort === port);
  const [shown] = listener?.filterChains[0]?.tls?.certificates ?? [];
  return secrets.some((one) => one.name === shown && one.privateKey !== null);
}

t.test('a Gateway is not given what the listener of another was granted', async (t) => {
  // Listeners are set up in the order of their ports.
  for (const [own, attacked] of [
    [8443, 8444],
    [8444, 8443],
  ] as const) {
    const made = translate(secret + listenerOf('victim', own) + attackAt(attacked), atHome);
    t.equal(hasCertificate(made, own), true, `the owner, on port ${own}`);
    t.equal(hasCertificate(made, attacked), false, `who writes the name, on port ${attacked}`);
    t.match(made.findings, [{ code: 'SLC0222', path: 'spec.servers[0].tls.credentialName' }]);
  }
});

t.test('a rule that a BackendTLSPolicy changes goes on to be that of the user', async (t) => {
  const target = '{group: "", kind: Service, name: a}';
  const validation = '{hostname: a.test, wellKnownCACertificates: System}';
  const policy = `{targetRefs: [${target}], validation: ${validation}}`;
  const tls = `{mode: MUTUAL, subjectAltNames: [a.test], credentialName: "${name}"}`;
  const made = translate(
    secret +
      kubernetesService('a', '443 tls') +
      resource('DestinationRule', 'd', `{host: a, trafficPolicy: {tls: ${tls}}}`) +
      gatewayApi('BackendTLSPolicy', 'p', policy),
    atHome,
  );
  const { tls: settings } = cluster(made, 'outbound|443||a.default.svc.cluster.local');
  t.match(settings, { certificate: 'kubernetes://victim/cert' }, 'connections are closed');
  t.strictSame(made.secrets, []);
});

t.test('an Ingress is granted nothing by the name that it writes', async (t) => {
  for (const namespace of ['default', 'shop']) {
    const made = translate(
      `${secret}---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i, namespace: ${namespace}}
spec: {tls: [{hosts: [a.example.com], secretName: "${name}"}], rules: [{host: a.example.com}]}
`,
      atHome,
    );
    t.strictSame(made.secrets, []);
  }
});
