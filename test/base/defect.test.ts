import t from 'tap';
import { describeDefect } from '../../src/base/defect.ts';

t.test('a mistake of the program is one line that asks to be reported', (t) => {
  const error = new TypeError('x is not a function');
  const report = '; please report it (SLUICE_DEBUG=1 shows where)';
  t.equal(describeDefect(error), `internal error: x is not a function${report}`);
  t.equal(
    describeDefect(error, 'while reading'),
    `internal error while reading: x is not a function${report}`,
  );
  t.end();
});
