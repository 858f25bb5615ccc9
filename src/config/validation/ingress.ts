/** Ingress: what the API server of Kubernetes asks beyond the schema, which differs by version. */

import { findingCode } from '../finding-code.ts';
import type { Path, Problems } from '../problem.ts';
import type { Resource } from '../resource.ts';
import type {
  HttpIngressPath,
  IngressBackend,
  IngressRuleSpec,
  IngressSpec,
  IngressTls,
} from '../schema/ingress.ts';
import { isIpAddress } from './addresses.ts';
import { hostNameMistake, isPartialWildcard, wildcardHostMistake } from './host-names.ts';

const classAnnotation = 'kubernetes.io/ingress.class';

export function checkIngress(
  { apiVersion, metadata, spec }: Resource<string, unknown> & { readonly spec: IngressSpec },
  problems: Problems,
): void {
  const check = new IngressCheck(apiVersion.endsWith('/v1'), problems);
  check.all(spec);
  if (spec.ingressClassName !== undefined && metadata.annotations[classAnnotation] !== undefined) {
    problems.add({
      code: findingCode.noEffect,
      path: ['spec', 'ingressClassName'],
      at: 'key',
      message: `"ingressClassName" has no effect: the annotation ${classAnnotation} goes before it`,
      hint: 'remove the annotation',
    });
  }
}

class IngressCheck {
  /** networking.k8s.io/v1, not v1beta1. */
  readonly #isV1: boolean;
  readonly #problems: Problems;

  constructor(isV1: boolean, problems: Problems) {
    this.#isV1 = isV1;
    this.#problems = problems;
  }

  all({ defaultBackend, backend, rules = [], tls = [] }: IngressSpec): void {
    const given = this.#isV1 ? 'backend' : 'defaultBackend';
    const meant = this.#isV1 ? 'defaultBackend' : 'backend';
    if ((this.#isV1 ? backend : defaultBackend) !== undefined) {
      this.#otherVersion(['spec', given], `write ${meant}`);
    }
    for (const [name, each] of Object.entries({ defaultBackend, backend })) {
      if (each !== undefined) this.#backend(each, ['spec', name]);
    }
    if (rules.length === 0 && defaultBackend === undefined && backend === undefined) {
      this.#wrong(['spec'], 'the Ingress has neither rules nor a default backend');
    }
    for (const [index, rule] of rules.entries()) this.#rule(rule, ['spec', 'rules', index]);
    for (const [index, entry] of tls.entries()) this.#tls(entry, ['spec', 'tls', index]);
  }

  #rule({ host = '', http }: IngressRuleSpec, path: Path): void {
    if (host !== '') this.#host(host, [...path, 'host']);
    if (http === undefined) return;
    if (http.paths.length === 0) this.#wrong([...path, 'http'], 'the rule has no paths');
    for (const [index, each] of http.paths.entries()) {
      this.#path(each, [...path, 'http', 'paths', index]);
    }
  }

  #path({ path: text = '', pathType, backend }: HttpIngressPath, path: Path): void {
    if (this.#isV1 && pathType === undefined) {
      const hint = 'write pathType: Prefix, or Exact, or ImplementationSpecific';
      this.#missing(path, '"pathType" is missing, which v1 asks for', hint);
    }
    this.#pathText(text, pathType, [...path, 'path']);
    this.#backend(backend, [...path, 'backend']);
  }

  #pathText(text: string, pathType: HttpIngressPath['pathType'], path: Path): void {
    const isOpen = (pathType ?? 'ImplementationSpecific') === 'ImplementationSpecific';
    if (isOpen && (text === '' || text === '*' || text === '.*')) return;
    if (!text.startsWith('/')) {
      this.#wrong(path, `the path "${text}" does not begin with a slash`, `write /${text}`);
      return;
    }
    if (isOpen) return;
    const unsafe = /\/\/|\/\.\.?(?:\/|$)|%2f/i.exec(text)?.[0];
    if (unsafe !== undefined) {
      this.#wrong(path, `the path "${text}" must not have "${unsafe}"`);
    }
  }

  #backend(backend: IngressBackend, path: Path): void {
    const { service, resource, serviceName, servicePort } = backend;
    if (this.#isV1) {
      if (serviceName !== undefined || servicePort !== undefined) {
        const field = serviceName === undefined ? 'servicePort' : 'serviceName';
        this.#otherVersion([...path, field], v1Backend(backend));
        return;
      }
    } else if (service !== undefined) {
      const { name, port = {} } = service;
      const hint = `write serviceName: ${name} and servicePort: ${port.number ?? port.name ?? 80}`;
      this.#otherVersion([...path, 'service'], hint);
      return;
    }
    const name = service?.name ?? serviceName ?? '';
    if (name !== '') this.#port(backend, path);
    else if (resource === undefined) {
      this.#missing(path, 'the backend names no Service', hintOf(this.#isV1));
    }
  }

  #port({ service, servicePort }: IngressBackend, path: Path): void {
    if (!this.#isV1) {
      const isWrong = servicePort === undefined || servicePort === '' || isNoPort(servicePort);
      if (isWrong) this.#missing(path, 'the backend names no port', 'write servicePort: 80');
      return;
    }
    const { number, name = '' } = service?.port ?? {};
    const portPath = [...path, 'service', 'port'];
    if (number === undefined && name === '') {
      this.#missing([...path, 'service'], 'the backend names no port', 'write port: {number: 80}');
    } else if (number !== undefined && name !== '') {
      this.#wrong(portPath, 'a port has either a number or a name', 'remove one of them');
    }
  }

  #tls({ hosts = [] }: IngressTls, path: Path): void {
    for (const [index, host] of hosts.entries()) this.#host(host, [...path, 'hosts', index]);
  }

  #host(host: string, path: Path): void {
    if (isIpAddress(host)) {
      this.#wrong(path, `"${host}" is an address, and no host name`, 'leave the host out for any');
      return;
    }
    const mistake = host.includes('*') ? wildcardMistake(host) : hostNameMistake(host);
    if (mistake !== null) this.#wrong(path, mistake);
    else if (host !== host.toLowerCase()) {
      this.#wrong(path, `"${host}" has upper-case letters`, `write ${host.toLowerCase()}`);
    }
  }

  #otherVersion(path: Path, hint: string): void {
    const field = path.at(-1);
    const other = this.#isV1 ? 'v1beta1' : 'networking.k8s.io/v1';
    const message = `"${field}" is a field of ${other}`;
    this.#problems.add({ code: findingCode.unknownField, path, at: 'key', message, hint });
  }

  #missing(path: Path, message: string, hint: string): void {
    this.#problems.add({ code: findingCode.missingField, path, at: 'key', message, hint });
  }

  #wrong(path: Path, message: string, hint: string | null = null): void {
    this.#problems.add({ code: findingCode.badValue, path, at: 'value', message, hint });
  }
}

function v1Backend({ serviceName = 'NAME', servicePort = 80 }: IngressBackend): string {
  const port = typeof servicePort === 'number' ? `number: ${servicePort}` : `name: ${servicePort}`;
  return `write service: {name: ${serviceName}, port: {${port}}}`;
}

function hintOf(isV1: boolean): string {
  return isV1
    ? 'write service: {name: …, port: {number: 80}}'
    : 'write serviceName and servicePort';
}

function isNoPort(port: number | string): boolean {
  return typeof port === 'number' && (port < 1 || port > 65535);
}

/** Kubernetes has `*.` before a name, and no other wildcard: no host is written as no host. */
function wildcardMistake(host: string): string | null {
  if (host === '*' || isPartialWildcard(host)) return `"${host}" is not *. before a host name`;
  return wildcardHostMistake(host);
}
