import t from 'tap';
import {
  connectionsText,
  connectionWayText,
  exampleConnectionText,
} from '../../../src/cli/diff/diff-connections.ts';
import type { ConnectionRegion, ConnectionWay } from '../../../src/diff/connection-difference.ts';

const way: ConnectionWay = { filterChain: null, place: '', outcome: 'is closed' };

function region(changes: Partial<ConnectionRegion>): ConnectionRegion {
  return {
    listener: 'gateway 443',
    connections: [],
    destinations: [],
    differences: [],
    example: { to: 'a.test:443', serverName: null },
    old: way,
    new: way,
    ...changes,
  };
}

t.test('what connections are meant is told of three names, the others are counted', async (t) => {
  const names = ['a.test', 'b.test', 'c.test', 'd.test', 'e.test'];
  t.equal(connectionsText(region({})), 'connections to gateway 443');
  t.equal(
    connectionsText(region({ connections: names.slice(0, 3) })),
    'connections to gateway 443; a.test, b.test, c.test',
  );
  t.equal(
    connectionsText(region({ connections: names, destinations: ['10.0.0.0/8'] })),
    'connections to gateway 443; a.test, b.test, c.test and 2 more; destination 10.0.0.0/8',
  );
});

t.test('an example is what sluice explain takes', async (t) => {
  t.equal(exampleConnectionText({ to: 'db:5432', serverName: null }), '--tcp db:5432');
  t.equal(
    exampleConnectionText({ to: 'a.test:443', serverName: 'a.test' }),
    '--tcp a.test:443 --sni a.test',
  );
});

t.test('a way names the filter chain, and its rule where there is one', async (t) => {
  const taken = { filterChain: 'db', place: '', outcome: 'goes to db' };
  t.equal(connectionWayText(way), 'is closed');
  t.equal(connectionWayText(taken), 'goes to db by filter chain "db"');
  t.equal(
    connectionWayText({ ...taken, place: 'db.yaml:12' }),
    'goes to db by filter chain "db", db.yaml:12',
  );
});
