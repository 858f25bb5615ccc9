/** Redirects that lead back to themselves, and those that seem to. */

import { document, onGateway, rules, runCases, toWeb, uri } from './check-cases.ts';

const redirect = (match: string, target: string) => `${match}, redirect: {${target}}`;
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
