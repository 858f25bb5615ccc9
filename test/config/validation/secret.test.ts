import t from 'tap';
import type { Finding } from '../../../src/config/finding.ts';
import { loadResources } from '../../support/load-resources.ts';

function findings(body: string): readonly Finding[] {
  const text = `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n${body}`;
  return loadResources([{ path: 'a.yaml', text }]).findings;
}

t.test('values are base64, also over several lines', async (t) => {
  for (const value of ['""', 'YQ==', 'YWI=', 'YWJj', '"YW\\nJj\\n"']) {
    t.strictSame(findings(`data: {a: ${value}}\n`), [], value);
  }
  for (const value of ['YQ', 'YQ=', 'Y Q=', '"-----BEGIN"', 'ä===', '"Y=Q="']) {
    t.match(findings(`data: {a: ${value}}\n`), [
      { code: 'SLC0032', severity: 'error', path: 'data.a', hint: /stringData/ },
    ]);
  }
});

t.test('kinds of Secrets for other things are let be', async (t) => {
  const token = 'type: kubernetes.io/service-account-token\ndata: {token: YQ==}\nimmutable: true\n';
  t.strictSame(findings(token), []);
});

t.test('a value of the wrong type is not shown', async (t) => {
  const bodies = [
    'data: geheim\n',
    'data: {tls.key: [geheim]}\n',
    'data: {tls.key: 4711}\n',
    'stringData: {tls.key: {geheim: 4711}}\n',
    'data: {tls.key: geheim!}\n',
    'stringData: 4711\n',
  ];
  for (const body of bodies) {
    const found = findings(body);
    t.equal(found.length, 1, body);
    t.notMatch(JSON.stringify(found), /geheim|4711/, body);
  }
});
