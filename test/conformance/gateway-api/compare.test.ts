/** The comparison itself, without any data: each rule lets the right answer pass and no other. */

import t from 'tap';
import { compare } from './compare.ts';
import { compareCondition } from './conditions.ts';
import type { Echo } from './echo-answer.ts';
import type { PlacedCase } from './expectations.ts';
import type { ConditionFact } from './facts.ts';
import type { Answer, Outgoing } from './send.ts';

const sent: Outgoing = {
  port: 1,
  protocol: 'http1',
  tls: null,
  host: 'a.com',
  method: 'GET',
  path: '/one',
  headers: {},
};

const echo: Echo = {
  path: '/one',
  host: 'a.com',
  method: 'GET',
  proto: 'HTTP/1.1',
  headers: { 'x-set': ['one', 'two'] },
  namespace: 'shop',
  pod: 'pages-v1',
  tls: { serverName: 'pages.example.com', clientCertificate: '' },
};

const answer: Answer = {
  status: 200,
  grpcStatus: null,
  headers: new Map([['x-answer', 'a, b']]),
  echo,
  failure: null,
};

const redirect: Answer = {
  ...answer,
  status: 302,
  headers: new Map([['location', 'https://b.com:8443/two?q']]),
  echo: null,
};

const wanted: PlacedCase = { Request: { Host: 'a.com', Path: '/one' }, Backend: 'pages-v1' };

function differsBy(changes: Partial<PlacedCase>, got: Answer = answer, by = sent): string | null {
  return compare({ ...wanted, ...changes }, by, got);
}

t.test('a request arrives as it was sent, unless the case says otherwise', async (t) => {
  t.equal(differsBy({}), null);
  t.match(differsBy({ Backend: 'pages-v2' }), /went to pages-v1/);
  t.match(differsBy({ Namespace: 'infra' }), /namespace shop/);
  t.match(differsBy({ Request: { Path: '/two' } }), /arrived at \/one/);
  t.match(differsBy({ Request: { Host: 'b.com', Path: '/one' } }), /host a\.com/);
  t.match(differsBy({ Request: { Method: 'POST', Path: '/one' } }), /method GET/);
  const rewritten = { ExpectedRequest: { Request: { Host: 'b.com', Path: '/two' } } };
  t.equal(
    differsBy(rewritten, { ...answer, echo: { ...echo, host: 'b.com', path: '/two' } }),
    null,
  );
});

t.test('headers of both sides are compared as one value', async (t) => {
  const arrived = (Headers: Record<string, string>) => ({
    ExpectedRequest: { Request: { Path: '/one', Headers }, AbsentHeaders: ['X-Gone'] },
  });
  t.equal(differsBy(arrived({ 'X-Set': 'one,two' })), null);
  t.match(differsBy(arrived({ 'X-Set': 'one' })), /one,two, not one/);
  t.match(
    differsBy({ ExpectedRequest: { Request: { Path: '/one' }, AbsentHeaders: ['X-Set'] } }),
    /not absent/,
  );
  t.equal(differsBy({ Response: { Headers: { 'X-Answer': 'a, b' } } }), null);
  t.match(differsBy({ Response: { Headers: { 'X-Answer': 'a,b' } } }), /X-Answer/);
  const loose = { Headers: { 'X-Answer': 'a,b' }, IgnoreWhitespace: true };
  t.equal(differsBy({ Response: loose }), null);
  t.equal(differsBy({ Response: { ValidHeaderValues: { 'X-Answer': ['b', 'a, b'] } } }), null);
  t.match(differsBy({ Response: { ValidHeaderValues: { 'X-Answer': ['b'] } } }), /not one of/);
  t.match(differsBy({ Response: { AbsentHeaders: ['X-Answer'] } }), /not absent/);
});

t.test('a status is one of those that are wanted, and timeouts are alike', async (t) => {
  const status = (code: number): Answer => ({ ...answer, status: code, echo: null });
  t.match(differsBy({}, status(404)), /status 404, not 200/);
  t.equal(differsBy({ Response: { StatusCodes: [403, 404] } }, status(404)), null);
  t.equal(differsBy({ Response: { StatusCode: 504 } }, status(408)), null);
  t.match(differsBy({ Response: { StatusCode: 504 } }, answer), /status 200/);
});

t.test('a redirect is compared part by part', async (t) => {
  const to = (parts: object) => ({ RedirectRequest: parts, Response: { StatusCode: 302 } });
  const full = { Scheme: 'https', Host: 'b.com', Port: '8443', Path: '/two' };
  t.equal(differsBy(to(full), redirect), null);
  for (const part of Object.keys(full)) {
    t.match(differsBy(to({ ...full, [part]: 'other' }), redirect), /redirected to/, part);
  }
  t.match(differsBy(to({ ...full, Port: undefined }), redirect), /port is not/);
});

t.test('a failure is no answer, or one of the proxy itself', async (t) => {
  const at = { fails: true };
  t.equal(differsBy({ at }, { ...answer, status: 0, echo: null, failure: 'reset' }), null);
  t.equal(differsBy({ at }, { ...answer, status: 503, echo: null }), null);
  t.match(differsBy({ at }), /no failure, but 200 of pages-v1/);
  t.match(differsBy({}, { ...answer, failure: 'reset' }), /no answer: reset/);
});

t.test('calls are compared by their own status', async (t) => {
  const by: Outgoing = { ...sent, protocol: 'grpc' };
  t.equal(differsBy({}, { ...answer, grpcStatus: 0 }, by), null);
  t.match(differsBy({}, { ...answer, grpcStatus: 14, echo: null }, by), /gRPC status 14/);
  const unimplemented = { ...answer, grpcStatus: 12, echo: null };
  t.equal(differsBy({ Response: { Code: 12 } }, unimplemented, by), null);
});

t.test('the backend is asked for a server name', async (t) => {
  t.equal(differsBy({ at: { sni: 'pages.example.com' } }), null);
  t.match(differsBy({ at: { sni: 'other.example.com' } }), /asked for pages\.example\.com/);
});

t.test('conditions are compared by type, status and reason', async (t) => {
  const accepted = { type: 'Accepted', status: 'True', reason: 'Accepted', message: '' } as const;
  const part = {
    name: 'http',
    attachedRoutes: 1,
    supportedKinds: ['HTTPRoute', 'GRPCRoute'],
    conditions: [accepted],
  };
  const metadata = { kind: 'Gateway', namespace: 'gateway-conformance-infra', name: 'edge' };
  const status = { ...metadata, conditions: [accepted], parts: [part] };
  const differs = (fact: Partial<ConditionFact>) =>
    compareCondition({ of: 'Gateway edge', is: [], ...fact }, [status]);
  t.equal(differs({ is: ['Accepted=True Accepted', 'Accepted'] }), null);
  t.match(differs({ is: ['Accepted=False'] }), /Accepted=True/);
  t.match(differs({ is: ['Accepted=True Invalid'] }), /Accepted=True Accepted/);
  t.match(differs({ is: ['Programmed'] }), /no condition/);
  t.match(differs({ of: 'Gateway other' }), /no status/);
  t.match(differs({ part: 'https' }), /no status at https/);
  t.equal(differs({ part: 'http', attached: 1, kinds: ['HTTPRoute'] }), null);
  t.match(differs({ part: 'http', attached: 2 }), /1 routes/);
  t.match(differs({ part: 'http', kinds: [] }), /supported kinds/);
  t.match(differs({ part: 'http', kinds: ['TLSRoute'] }), /supported kinds/);
});
