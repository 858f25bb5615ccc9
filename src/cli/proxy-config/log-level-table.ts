/** `sluice proxy-config log`: what each component of the proxy writes to its log, from /logging. */

import { ok } from '../../base/result.ts';
import { configKind } from './proxy-config-kind.ts';

interface ComponentLevel {
  readonly component: string;
  readonly level: string;
}

export const logLevelKind = configKind<ComponentLevel, ComponentLevel>({
  name: 'log',
  aliases: ['o'],
  filters: [],
  columns: [
    { title: 'COMPONENT', cell: ({ component }) => component },
    { title: 'LEVEL', cell: ({ level }) => level },
  ],
  wideColumns: null,
  read: async (admin) => {
    const page = await admin.page('/logging', 'POST');
    if (!page.ok) return page;
    const lines = page.value.matchAll(/^ {2}([^:]+): (\w+)$/gm);
    return ok([...lines].map(([, component = '', level = '']) => ({ component, level })));
  },
  matches: () => true,
  rows: (component) => [component],
});
