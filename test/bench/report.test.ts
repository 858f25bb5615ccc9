import t from 'tap';
import { resultsFile } from '../../bench/peers/report.ts';

t.test('only the whole set with the plain policy replaces the results of the whole set', (t) => {
  t.equal(resultsFile([], 'plain'), 'peers.json');
  t.equal(resultsFile([], 'rich'), 'peers-rich.json');
  t.equal(resultsFile(['sluice'], 'plain'), 'peers-only.json');
  t.equal(resultsFile(['sluice', 'nginx'], 'rich'), 'peers-only.json');
  t.end();
});
