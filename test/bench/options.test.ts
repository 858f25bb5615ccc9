import t from 'tap';
import { readCompareOptions } from '../../bench/compare/options.ts';
import { readOptions } from '../../bench/peers/options.ts';

const known = { cases: ['body-23', 'tls'], peers: ['nginx', 'sluice'] };

t.test('without flags the suite measures everything', async (t) => {
  const everything = { ...known, rounds: 3, seconds: 2, output: null, isHelp: false };
  t.same(readOptions([], known), everything);
  t.match(readOptions(['--quick'], known), { rounds: 1, seconds: 1 });
  t.match(readOptions(['--quick', '--rounds', '2'], known), { rounds: 2, seconds: 1 });
});

t.test('cases and proxies are chosen by their names', async (t) => {
  const args = ['--cases', 'tls', '--only', 'sluice,nginx'];
  t.match(readOptions(args, known), { cases: ['tls'], peers: ['sluice', 'nginx'] });
});

t.test('wrong flags of the suite are named', async (t) => {
  const faults: ReadonlyArray<[readonly string[], RegExp]> = [
    [['--cases', 'body-23,quic'], /--cases: quic is none of body-23, tls/],
    [['--only', 'apache'], /--only: apache is none of nginx, sluice/],
    [['--rounds', '0'], /--rounds/],
    [['--seconds', '1.5'], /--seconds: a whole number/],
    [['--seconds', 'long'], /--seconds/],
    [['--case', 'tls'], /--case/],
    [['tls'], /tls/],
  ];
  for (const [args, message] of faults) {
    t.match(readOptions(args, known), message, args.join(' '));
  }
});

t.test('a comparison is with the reference unless it is told otherwise', async (t) => {
  t.match(readCompareOptions([]), { base: null, head: 'HEAD', limit: 1.25, isTap: false });
  t.match(readCompareOptions(['main~3', 'main']), { base: 'main~3', head: 'main' });
  t.match(readCompareOptions(['--limit', '1.1', '--tap']), { limit: 1.1, isTap: true });
});

t.test('wrong flags of the comparison are named', async (t) => {
  t.match(readCompareOptions(['a', 'b', 'c']), /also c/);
  t.match(readCompareOptions(['--limit', 'none']), /--limit/);
  t.match(readCompareOptions(['--rounds', '0']), /--rounds/);
  t.match(readCompareOptions(['--fast']), /--fast/);
});
