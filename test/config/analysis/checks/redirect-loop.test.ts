/** Redirects that lead back to themselves, and those that seem to. */

import { document, onGateway, rules, runCases, toWeb, uri } from './check-cases.ts';

const redirect = (match: string, target: string) => `${match}, redirect: {${target}}`;
const asking = (condition: string) => `match: [{${condition}}]`;
const onHosts = (name: string, hosts: string, ...http: readonly string[]) =>
  onGateway(name, ...http).replace('[a.test]', `[${hosts}]`);
const httpsServer = document(
  'Gateway',
  'gw',
  `servers:\n- port: {number: 443, name: https, protocol: HTTPS}\n  hosts: ['*']\n  tls: {mode: SIMPLE, credentialName: c}`,
);

runCases([
  {
    name: 'a redirect into its own prefix',
    yaml: rules(redirect(uri('prefix', '/'), 'uri: /login')),
    finds: ['SLC0414 spec.http[0].match[0]'],
    says: /"\/" is redirected to "\/login"/,
  },
  {
    name: 'a prefix that grows',
    yaml: rules(redirect(uri('prefix', '/'), 'prefixRewrite: /app/')),
    finds: ['SLC0414 spec.http[0].match[0]'],
  },
  {
    name: 'two that point at each other',
    yaml: rules(redirect(uri('exact', '/a'), 'uri: /b'), redirect(uri('exact', '/b'), 'uri: /a')),
    finds: ['SLC0414 spec.http[0].match[0]', 'SLC0414 spec.http[1].match[0]'],
  },
  {
    name: 'to the same host by name',
    yaml: onGateway('one', redirect(uri('exact', '/a'), 'authority: a.test')),
    finds: ['SLC0414 spec.http[0].match[0]'],
  },
  {
    name: 'to https where it is https already',
    yaml: `${httpsServer}---\n${onGateway('one', redirect(uri('exact', '/a'), 'scheme: https'))}`,
    finds: ['SLC0414 spec.http[0].match[0]'],
  },
  {
    name: 'an earlier rule serves the target',
    yaml: rules(`${uri('exact', '/login')}, ${toWeb}`, redirect(uri('prefix', '/'), 'uri: /login')),
    finds: [],
  },
  {
    name: 'an earlier pattern, or a prefix in another case, serves the target',
    yaml: rules(
      `${uri('regex', '/log(in|out)')}, ${toWeb}`,
      `match: [{uri: {prefix: /HELP/}, ignoreUriCase: true}], ${toWeb}`,
      redirect(uri('regex', '/log.*'), 'uri: /login'),
      redirect(uri('regex', '/help.*'), 'uri: /help/x'),
    ),
    finds: [],
  },
  {
    name: 'a later rule would serve the target',
    yaml: rules(
      redirect(uri('regex', '/log.*'), 'uri: /login'),
      `match: [{uri: {exact: /LOGIN}, ignoreUriCase: true}], ${toWeb}`,
    ),
    finds: ['SLC0414 spec.http[0].match[0]'],
  },
  {
    name: 'to another host, scheme or port',
    yaml: rules(
      redirect(uri('exact', '/a'), 'authority: b.test'),
      redirect(uri('exact', '/b'), 'scheme: https'),
      redirect(uri('exact', '/c'), 'port: 8443'),
      redirect(uri('prefix', '/d/'), 'uri: /e'),
    ),
    finds: [],
  },
]);

runCases([
  {
    name: 'to a name below a wildcard that has a VirtualService of its own',
    yaml: [
      onHosts('all', "'*.a.test'", redirect(uri('prefix', '/'), 'authority: www.a.test')),
      onHosts('www', 'www.a.test', toWeb),
    ].join('---\n'),
    finds: [],
  },
  {
    name: 'to a name below a wildcard that nobody else has',
    yaml: [
      onHosts('all', "'*.a.test'", redirect(uri('prefix', '/'), 'authority: www.a.test')),
      onHosts('other', "'*.test'", toWeb),
    ].join('---\n'),
    finds: ['SLC0414 spec.http[0].match[0]'],
  },
  {
    name: 'a VirtualService of the mesh has no say on a Gateway',
    yaml: [
      onHosts('all', "'*.a.test'", redirect(uri('prefix', '/'), 'authority: www.a.test')),
      onHosts('www', 'www.a.test', toWeb).replace('[gw]', '[mesh]'),
    ].join('---\n'),
    finds: ['SLC0414 spec.http[0].match[0]'],
  },
  {
    name: 'to a host that the match does not have',
    yaml: onHosts(
      'both',
      'a.test, www.a.test',
      redirect(asking('authority: {exact: a.test}'), 'authority: www.a.test'),
      redirect(asking("headers: {host: {regex: 'a.*'}}"), 'authority: www.a.test'),
      redirect(asking('withoutHeaders: {":authority": {prefix: www}}'), 'authority: www.a.test'),
    ),
    finds: [],
  },
  {
    name: 'to another host that the match has',
    yaml: onHosts(
      'both',
      'a.test, www.a.test',
      redirect(asking("authority: {regex: '(www.)?a.test'}"), 'authority: www.a.test'),
    ),
    finds: ['SLC0414 spec.http[0].match[0]'],
  },
  {
    name: 'to another port of the same host',
    yaml: onGateway('one', redirect(uri('exact', '/a'), "authority: 'a.test:8443'")),
    finds: [],
  },
  {
    name: 'to https, by a match for http alone',
    yaml: `${httpsServer}---\n${onGateway(
      'one',
      redirect(asking('headers: {x-forwarded-proto: {exact: http}}'), 'scheme: https'),
      redirect(asking('withoutHeaders: {x-forwarded-proto: {exact: https}}'), 'scheme: https'),
      redirect(asking('scheme: {exact: http}'), 'scheme: https'),
    )}`,
    finds: [],
  },
  {
    name: 'to https, by a match for https',
    yaml: `${httpsServer}---\n${onGateway(
      'one',
      redirect(asking('headers: {x-forwarded-proto: {exact: https}}'), 'scheme: https'),
    )}`,
    finds: ['SLC0414 spec.http[0].match[0]'],
  },
  {
    name: 'to another query than the match asks for',
    yaml: rules(redirect(asking('queryParams: {old: {exact: "1"}}'), 'uri: "/q?new=1"')),
    finds: [],
  },
  {
    name: 'with the query that the match asks for',
    yaml: rules(redirect(asking('queryParams: {old: {exact: "1"}}'), 'uri: /q')),
    finds: ['SLC0414 spec.http[0].match[0]'],
  },
]);
