import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import {
  fastJoiner,
  type Joiner,
  plainJoiner,
  type Segment,
} from '../../../src/telemetry/format/joiner.ts';
import { JsonValue } from '../../../src/telemetry/format/operator.ts';
import { StreamInfo } from '../../../src/telemetry/stream-info.ts';

/** Nothing of it is read. */
const info = Object.create(StreamInfo.prototype) as StreamInfo;
const joiners: readonly (readonly [string, (segments: readonly Segment[]) => Joiner])[] = [
  ['fast', (segments) => fastJoiner(segments, '-')],
  ['plain', (segments) => plainJoiner(segments, '-')],
];

for (const [name, joinerOf] of joiners) {
  t.test(`${name}: literals and what operators yield, in their order`, async (t) => {
    const segments: Segment[] = [
      { literal: 'a ', operator: () => 'b' },
      { literal: ' ', operator: () => 12 },
      { literal: '', operator: () => true },
      { literal: '', operator: () => new JsonValue('{"x":1}') },
      { literal: '" ', operator: () => null },
      { literal: '`${x}\\\n\u2028', operator: null },
    ];
    t.equal(joinerOf(segments)(info), 'a b 12true{"x":1}" -`${x}\\\n\u2028');
  });

  t.test(`${name}: operators are asked for the exchange in hand`, async (t) => {
    const asked: StreamInfo[] = [];
    const join = joinerOf([{ literal: '', operator: (own) => String(asked.push(own)) }]);
    t.equal(join(info), '1');
    t.same(asked, [info]);
  });

  t.test(`${name}: nothing gives nothing`, async (t) => {
    t.equal(joinerOf([])(info), '');
  });
}

t.test('where no code may be made from text the plain one is taken', async (t) => {
  const module = join(import.meta.dirname, '../../../src/telemetry/format/joiner.ts');
  const script =
    `import { fastJoiner } from ${JSON.stringify(module)};` +
    `console.log(fastJoiner([{ literal: 'a', operator: () => 1 }], '-')(null))`;
  const flags = ['--disallow-code-generation-from-strings', '--input-type=module'];
  const { stdout } = spawnSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8' });
  t.equal(stdout, 'a1\n');
});
