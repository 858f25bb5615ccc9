import t from 'tap';
import { Value } from 'typebox/value';
import { ConnectionExplanationAnswer } from '../../../../src/admin/api/schema/connection-explanation.ts';
import { explainedConnection } from '../../../support/explained-shapes.ts';

const answer: Readonly<Record<string, unknown>> = { ...explainedConnection() };

t.test('what is explained of a connection fits it', async (t) => {
  t.same([...Value.Errors(ConnectionExplanationAnswer, answer)], []);
  t.match(answer, { outcome: 'forwarded', tls: { accepted: true }, targets: [{}] });
});

t.test('it has every field of an explanation, and no other', async (t) => {
  t.same(Object.keys(answer).sort(), Object.keys(ConnectionExplanationAnswer.properties).sort());
  for (const name of Object.keys(answer)) {
    const { [name]: _, ...less } = answer;
    t.notOk(Value.Check(ConnectionExplanationAnswer, less), `${name} is missing`);
  }
  t.notOk(Value.Check(ConnectionExplanationAnswer, { ...answer, other: 1 }));
  t.notOk(Value.Check(ConnectionExplanationAnswer, { ...answer, outcome: 'lost' }));
});
