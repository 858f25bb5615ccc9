import t from 'tap';
import { Value } from 'typebox/value';
import { entryFields } from '../../../../src/admin/api/schema/explained-entry.ts';
import { Type } from '../../../../src/base/schema.ts';
import { explainedConnection, explainedRequest } from '../../../support/explained-shapes.ts';

// Connections and requests come in alike.

const Entry = Type.Object(entryFields, { additionalProperties: false });

for (const [what, explained] of [
  ['connection', explainedConnection()],
  ['request', explainedRequest()],
] as const) {
  t.test(`where a ${what} comes in fits it`, async (t) => {
    const { listeners, filterChains, tls } = explained;
    t.same([...Value.Errors(Entry, { listeners, filterChains, tls })], []);
    t.equal(listeners.length, 1);
    t.equal(filterChains.length, 1);
    for (const name of Object.keys(entryFields)) {
      const { [name]: _, ...less } = { listeners, filterChains, tls } as Record<string, unknown>;
      t.notOk(Value.Check(Entry, less), `${name} is missing`);
    }
  });
}

t.test('TLS shows who the client is, and is null where there is none', async (t) => {
  t.match(explainedConnection().tls, {
    clientCertificate: 'required',
    client: { subjectAltNames: [/^spiffe:/] },
    accepted: true,
  });
  t.equal(explainedRequest().tls, null);
});
