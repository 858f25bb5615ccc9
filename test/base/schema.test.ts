import t from 'tap';
import { Type as Library, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { Type } from '../../src/base/schema.ts';

// What the library builds is what is built here, to the order of the keywords.

type Builder = (type: typeof Type) => TSchema;

const options = { description: 'A field.', default: 'none' };

const schemas: Readonly<Record<string, Builder>> = {
  array: (type) => type.Array(type.String(), options),
  boolean: (type) => type.Boolean(options),
  enum: (type) => type.Enum(['a', 'b'], options),
  integer: (type) => type.Integer({ minimum: 1, ...options }),
  null: (type) => type.Null(options),
  number: (type) => type.Number({ maximum: 0.5 }),
  'an object of optional fields alone': (type) => type.Object({ a: type.Optional(type.Null()) }),
  'an empty object': (type) => type.Object({}),
  'an object of both': (type) =>
    type.Object(
      {
        first: type.String(),
        second: type.Optional(type.Object({ inner: type.Integer() }, options)),
        third: type.Array(type.Number()),
      },
      { additionalProperties: false, ...options },
    ),
  'a record': (type) => type.Record(type.String(), type.Integer({ minimum: 0 }), options),
  string: (type) => type.String({ format: 'duration', ...options }),
  union: (type) => type.Union([type.String(), type.Array(type.String())], options),
  unknown: (type) => type.Unknown(options),
};

for (const [name, build] of Object.entries(schemas)) {
  t.test(`${name} is as the library has it`, async (t) => {
    t.equal(JSON.stringify(build(Type)), JSON.stringify(build(Library as typeof Type)));
    for (const value of [null, 1, 'a', {}, { a: null }, { first: '', third: [] }, ['a'], true]) {
      const expected = Value.Check(build(Library as typeof Type), value);
      t.equal(Value.Check(build(Type), value), expected, JSON.stringify(value));
    }
  });
}

t.test('an optional field leaves the schema that it is made of as it was', async (t) => {
  const schema = Type.String(options);
  const field = Type.Optional(schema);
  t.strictSame(Type.Object({ schema }).required, ['schema']);
  t.equal(Type.Object({ field }).required, undefined);
  t.same(Object.keys(field), Object.keys(schema));
});
