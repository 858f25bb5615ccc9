/** The four modes of slowhttptest: clients that are as slow as a server lets them be. */

import type { SlowAttack } from './attack.ts';
import { attackedPath, largePath } from './setup.ts';

export const slowAttacks: readonly SlowAttack[] = [
  {
    kind: 'slowhttptest',
    name: 'slowloris',
    note: '3,000 connections, 1,000/s, a header line each second (slowhttptest -H)',
    port: 'plain',
    path: attackedPath,
    args: '-H -c 3000 -r 1000 -i 1 -x 24'.split(' '),
  },
  {
    kind: 'slowhttptest',
    name: 'slow-body',
    note: '2,000 POSTs of 8 KiB, 500/s, some bytes each second (slowhttptest -B)',
    port: 'plain',
    path: attackedPath,
    args: '-B -c 2000 -r 500 -i 1 -s 8192 -x 10'.split(' '),
  },
  {
    kind: 'slowhttptest',
    name: 'slow-ranges',
    note: '1,000 HEADs with 2,000 ranges, 500/s (slowhttptest -R)',
    port: 'plain',
    path: attackedPath,
    args: '-R -c 1000 -r 500 -t HEAD -a 5 -b 2000'.split(' '),
  },
  {
    kind: 'slowhttptest',
    name: 'slow-read',
    note: '1,000 readers of three times 512 KiB, 200/s, 32 bytes a second (slowhttptest -X)',
    port: 'plain',
    path: largePath,
    args: '-X -c 1000 -r 200 -w 512 -y 1024 -n 1 -z 32 -k 3'.split(' '),
  },
];
