/** Redirects that annotations ask for, and which of them goes first. */

import t from 'tap';
import { annotated, ingress, routesFor } from './annotated.ts';

const tls = { spec: 'tls: [{hosts: [a.com], secretName: s}]' };

t.test('redirects to https', async (t) => {
  const toHttps = {
    match: [{ uri: { prefix: '/' }, port: 80 }],
    redirect: { scheme: 'https', redirectCode: 308 },
  };
  t.match(routesFor({}, tls)[0], toHttps);
  t.match(routesFor({ 'force-ssl-redirect': 'true' })[0], toHttps);
  t.match(routesFor({ 'ssl-redirect': 'false', 'force-ssl-redirect': 'true' })[0], toHttps);
  t.equal(routesFor({ 'ssl-redirect': 'false' }, tls).length, 1);
  t.equal(routesFor({ 'ssl-redirect': 'true' }).length, 1, 'there is no certificate');
});

t.test('challenges of whoever gives out certificates are served without https', async (t) => {
  const paths = ['/', '/.well-known/acme-challenge/token', '/.well-known/other'];
  const redirected = routesFor({ 'force-ssl-redirect': 'true' }, { ...tls, paths })
    .filter(({ redirect }) => redirect !== undefined)
    .map(({ match }) => match?.[0]?.uri?.prefix);
  t.same(redirected, ['/.well-known/other', '/']);
});

t.test('one URL for everything', async (t) => {
  const answer = (url: string) => routesFor({ 'permanent-redirect': url })[0];
  t.match(answer('https://b.com'), {
    directResponse: { status: 301 },
    headers: { response: { set: { location: 'https://b.com' } } },
  });
  t.match(answer('https://b.com/50%'), {
    headers: { response: { set: { location: 'https://b.com/50%%' } } },
  });
  t.match(answer('$scheme://b.com$uri'), { route: [{}] }, 'it must begin as a URL');
  t.match(answer('https://${host}.b.com$request_uri?$arg_x'), {
    headers: {
      response: {
        set: {
          location:
            'https://%REQ(:AUTHORITY)%.b.com%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%?%QUERY_PARAM(x)%',
        },
      },
    },
  });
  t.match(answer('HTTPS://b.com:8443$request_uri'), {
    redirect: { scheme: 'https', authority: 'b.com:8443', redirectCode: 301 },
  });
});

t.test('codes', async (t) => {
  const status = (annotations: Record<string, string>) =>
    routesFor(annotations)[0]?.directResponse?.status;
  const url = 'https://b.com/';
  t.equal(status({ 'permanent-redirect': url, 'permanent-redirect-code': '308' }), 308);
  t.equal(status({ 'permanent-redirect': url, 'permanent-redirect-code': '200' }), 301);
  t.equal(status({ 'temporal-redirect': url }), 302);
  t.equal(status({ 'temporal-redirect': url, 'temporal-redirect-code': '307' }), 307);
  t.equal(status({ 'temporal-redirect': url, 'permanent-redirect': 'https://c.com' }), 302);
});

t.test('the root of a host goes first, a redirect of everything before https', async (t) => {
  const made = routesFor({ 'app-root': '/home', 'permanent-redirect': 'https://b.com' }, tls);
  t.match(made, [
    { match: [{ uri: { exact: '/' } }], redirect: { uri: '/home', redirectCode: 302 } },
    { directResponse: { status: 301 } },
  ]);
});

t.test('a redirect needs no backend', async (t) => {
  const yaml = ingress({ 'temporal-redirect': 'https://b.com' }).replace(
    '{number: 80}',
    '{name: none}',
  );
  const { routes, findings } = annotated(yaml);
  t.match(routes.get('a.com'), [{ directResponse: { status: 302 } }]);
  t.same(findings, []);
});

t.test('hosts with and without www', async (t) => {
  const www = { 'from-to-www-redirect': 'true' };
  const { routes } = annotated(
    ingress(www, { name: 'a' }),
    ingress(www, { name: 'b', host: 'www.b.com' }),
    ingress(www, { name: 'c', host: 'c.com' }),
    ingress({}, { name: 'd', host: 'www.c.com' }),
    ingress(www, { name: 'e', host: '*.e.com' }),
  );
  t.match(routes.get('www.a.com'), [{ redirect: { authority: 'a.com', redirectCode: 308 } }]);
  t.match(routes.get('b.com'), [{ redirect: { authority: 'www.b.com' } }]);
  t.match(routes.get('www.c.com'), [{ route: [{}] }], 'it has rules of its own');
  t.equal(routes.size, 7);
});

t.test('aliases have the rules of all Ingresses of the host', async (t) => {
  const { routes, findings } = annotated(
    ingress({ 'server-alias': 'B.com, a2.com, taken.com' }, { name: 'a' }),
    ingress({}, { name: 'b', paths: ['/b'] }),
    ingress({}, { name: 'c', host: 'taken.com' }),
  );
  t.same(routes.get('b.com'), routes.get('a.com'));
  t.equal(routes.get('a2.com')?.length, 2);
  t.equal(routes.get('taken.com')?.length, 1);
  t.match(findings, [{ code: 'SLC0270', hint: 'taken.com has rules of its own' }]);
});

t.test('Ingresses of one host may have the same alias', async (t) => {
  const alias = { 'server-alias': 'b.com' };
  const yaml = [ingress(alias, { name: 'a' }), ingress(alias, { name: 'b', paths: ['/b'] })];
  const made = annotated(...yaml);
  t.same(made.findings, []);
  t.equal(made.routes.get('b.com')?.length, 2);
  const other = annotated(...yaml, ingress(alias, { name: 'c', host: 'c.com' }));
  t.match(other.findings, [{ code: 'SLC0270', hint: 'b.com has rules of its own' }]);
});
