/** Random Ingresses, and requests that tell their paths apart. */

import * as fc from 'fast-check';

const prefix = 'nginx.ingress.kubernetes.io/';

const exactHosts = ['a.test', 'b.a.test'];
/** The last two are one text where dots are replaced. */
const tlsHosts = [...exactHosts, '*.a.test', 'b-a.test'];
const hosts = [...exactHosts, '*.a.test', '*.test', ''];
const paths = ['/', '/a', '/a/', '/ab', '/a/b', '/a/b/', '/b', '/a/b/c', '/A'];
const services = ['one', 'two', 'three'];

export interface PathEntry {
  readonly path: string;
  readonly pathType: string;
  readonly service: string;
}

/** An Ingress as it stands in a file. */
export interface WrittenIngress {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: object;
  readonly spec: object;
}

const backendOf = (name: string) => ({ service: { name, port: { number: 80 } } });

const rulesOf = (pathTypes: readonly string[], known = hosts) =>
  fc.record({
    host: fc.constantFrom(...known),
    http: fc.record({ paths: fc.array(pathsOf(pathTypes), { minLength: 1, maxLength: 5 }) }),
  });

const pathsOf = (pathTypes: readonly string[]) =>
  fc.record({
    path: fc.constantFrom(...paths),
    pathType: fc.constantFrom(...pathTypes),
    backend: fc.constantFrom(...services).map(backendOf),
  });

type Annotations = Readonly<Record<string, string>>;

/** What an Ingress may ask for that can be carried over whole. */
const annotationSets = fc.constantFrom<Annotations>(
  {},
  {},
  { 'ssl-redirect': 'false' },
  { 'force-ssl-redirect': 'true' },
  { 'app-root': '/home' },
  { 'permanent-redirect': 'https://new.test$request_uri' },
  { 'temporal-redirect': 'http://new.test$request_uri' },
  { 'server-alias': 'alias.test' },
  { 'upstream-vhost': 'inner.test' },
  { 'proxy-read-timeout': '7' },
  { 'proxy-send-timeout': '8' },
);

const namespaces = fc.constantFrom('default', 'default', 'other');

const defaultBackends = fc.option(fc.constantFrom(...services).map(backendOf), { freq: 3 });

const severalIngresses = (pathTypes: readonly string[]) =>
  fc.record({
    namespace: namespaces,
    annotations: annotationSets,
    rules: fc.array(rulesOf(pathTypes), { minLength: 1, maxLength: 3 }),
    defaultBackend: fc.constant(null),
    tls: fc.constant(null),
  });

const singleIngress = (pathTypes: readonly string[]) =>
  fc.record({
    namespace: namespaces,
    annotations: annotationSets,
    rules: fc.array(rulesOf(pathTypes), { minLength: 1, maxLength: 3 }),
    defaultBackend: defaultBackends,
    tls: fc.constant(null),
  });

/** Where names with a certificate are covered by wildcards, VirtualServices mix their rules. */
const secureIngress = (pathTypes: readonly string[]) =>
  fc.record({
    namespace: fc.constant('default'),
    annotations: annotationSets,
    rules: fc.array(rulesOf(pathTypes, exactHosts), { minLength: 1, maxLength: 3 }),
    defaultBackend: defaultBackends,
    tls: fc.subarray(tlsHosts, { minLength: 1 }),
  });

/** Some of them with a canary beside the first. */
const canaries = fc.constantFrom<Annotations>(
  { 'canary-weight': '30' },
  { 'canary-by-header': 'x-canary' },
  { 'canary-by-header': 'x-canary', 'canary-by-header-value': 'yes', 'canary-weight': '5' },
  { 'canary-by-cookie': 'canary', 'canary-weight': '10' },
);

/** A VirtualService has plain prefixes, which nginx takes paths without a type for. */
export const forVirtualServices = ingressLists(['Exact', 'Prefix', 'ImplementationSpecific']);

export const forHttpRoutes = ingressLists(['Exact', 'Prefix']);

function ingressLists(pathTypes: readonly string[]) {
  return fc
    .tuple(
      fc.oneof(
        fc.array(severalIngresses(pathTypes), { minLength: 1, maxLength: 3 }),
        fc.array(singleIngress(pathTypes), { minLength: 1, maxLength: 1 }),
        fc.array(secureIngress(pathTypes), { minLength: 1, maxLength: 3 }),
      ),
      fc.option(canaries, { freq: 3 }),
    )
    .map(([plain, canary]): WrittenIngress[] => {
      const written = plain.map(({ namespace, annotations, defaultBackend, tls, ...spec }, index) =>
        ingress(
          `i${index}`,
          { namespace, annotations },
          {
            ...spec,
            ...(defaultBackend === null ? {} : { defaultBackend }),
            ...(tls === null ? {} : { tls: [{ hosts: tls, secretName: 'cert' }] }),
          },
        ),
      );
      const [first] = plain;
      if (canary === null || first === undefined) return written;
      const { namespace } = first;
      const toCanary = first.rules.map(({ host, http }) => ({
        host,
        http: { paths: http.paths.map((path) => ({ ...path, backend: backendOf('canary') })) },
      }));
      const annotations = { canary: 'true', ...canary };
      return [...written, ingress('canary', { namespace, annotations }, { rules: toCanary })];
    });
}

interface IngressOf {
  readonly namespace: string;
  readonly annotations: Annotations;
}

function ingress(name: string, { namespace, annotations }: IngressOf, spec: object) {
  const prefixed = Object.entries(annotations).map(([key, value]) => [prefix + key, value]);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace, annotations: Object.fromEntries(prefixed) },
    spec: { ingressClassName: 'nginx', ...spec },
  };
}

/** Paths of patterns, as people take a prefix away with them. */
const patternPaths = fc.record({
  path: fc.constantFrom('/a(/|$)(.*)', '/b(/|$)(.*)', '/a/b(/|$)(.*)'),
  pathType: fc.constant('ImplementationSpecific'),
  backend: fc.constantFrom(...services).map(backendOf),
});

/** Ingresses that rewrite what they send on. */
export const rewritingIngresses = (targets: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom(...targets),
      fc.uniqueArray(patternPaths, { minLength: 1, maxLength: 3, selector: ({ path }) => path }),
    )
    .map(([target, entries]) => [
      ingress(
        'rewriting',
        { namespace: 'default', annotations: { 'use-regex': 'true', 'rewrite-target': target } },
        { rules: [{ host: 'a.test', http: { paths: entries } }] },
      ),
    ]);

const istio = 'networking.istio.io/v1';

/** Of the user, with names that what is converted would have. They stay what they are. */
export const ownResources = [
  {
    apiVersion: istio,
    kind: 'Gateway',
    metadata: { name: 'ingress' },
    spec: {
      selector: {},
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['own.example'] }],
    },
  },
  {
    apiVersion: istio,
    kind: 'VirtualService',
    metadata: { name: 'i0' },
    spec: {
      hosts: ['own.example'],
      gateways: ['ingress'],
      http: [{ route: [{ destination: { host: 'one.default.svc.cluster.local' } }] }],
    },
  },
];

export interface AskedRequest {
  readonly isTls: boolean;
  readonly host: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
}

const asked = [
  'a.test',
  'b.a.test',
  'c.a.test',
  'd.test',
  'alias.test',
  'other.example',
  'own.example',
  'A.test:80',
];
const askedPaths = [...paths, '/a/c', '/abc', '/a/b/d', '/a/bc', '/c', '//a', '/a//b', '/home'];
const headerSets: readonly AskedRequest['headers'][] = [
  [],
  [],
  [['x-canary', 'always']],
  [['x-canary', 'never']],
  [['x-canary', 'yes']],
  [['cookie', 'canary=always']],
  [['cookie', 'x=1; canary=never']],
];

export const requests: fc.Arbitrary<AskedRequest> = fc.record({
  isTls: fc.boolean(),
  host: fc.constantFrom(...asked),
  path: fc
    .tuple(fc.constantFrom(...askedPaths), fc.constantFrom('', '', '?q=1'))
    .map(([path, query]) => path + query),
  headers: fc.constantFrom(...headerSets),
});
