import t from 'tap';
import { reportJunit } from '../../../../src/cli/loadtest/report/junit.ts';
import { summaryOf } from './summary-of.ts';

t.test('each assertion is a test case, and those that fail say how', async (t) => {
  t.equal(
    reportJunit('loads/a&b.yaml', summaryOf()),
    `\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sluice loadtest" tests="2" failures="1">
  <testsuite name="loads/a&amp;b.yaml" tests="2" failures="1" time="4">
    <testcase name="weights: v1 60 %" classname="loads/a&amp;b.yaml"/>
    <testcase name="sound: errors at most 1 %" classname="loads/a&amp;b.yaml">
      <failure message="expected errors at most 1 %, found 10 % (4 of 40)">expected errors at most 1 %, found 10 % (4 of 40)</failure>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

t.test('names that XML cannot hold are made so that it can', async (t) => {
  const [first] = summaryOf().assertions;
  const assertions = first === undefined ? [] : [{ ...first, name: '"<\u0000>"' }];
  const text = reportJunit('a.yaml', summaryOf({ assertions }));
  t.match(text, 'name="&quot;&lt;\ufffd&gt;&quot;: v1 60 %"');
});
