/** /logging: the levels of the program's own log, in Envoy's ways to ask. */

import { type LogLevel, logLevels } from '../../telemetry/logger.ts';
import { type AdminEndpoint, parameter, text } from '../admin-endpoint.ts';
import type { RunningState } from '../running-state.ts';

export const logging: AdminEndpoint = {
  path: '/logging',
  mutation: true,
  help: 'print the log levels, or change one, several or all',
  parameters: [
    parameter('level', 'of all components', ['', ...logLevels]),
    parameter('paths', 'of several components, such as config:debug,admin:error'),
    parameter('COMPONENT', 'of this one, such as ?config=debug'),
  ],
  // Names of components are names of parameters.
  takesAnyParameter: true,
  handle: ({ query }, state) => {
    const asked = [...query].filter(([, value]) => value !== '');
    const mistake = asked.length > 1 ? 'invalid number of parameters' : change(state, asked[0]);
    if (mistake !== null) return text(`error: ${mistake}\n\n${usage}${levelsText(state)}`, 400);
    return text(levelsText(state));
  },
};

const usage = `usage: /logging?<name>=<level> (change single level)
usage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)
usage: /logging?level=<level> (change all levels)
levels: ${logLevels.join(' ')}
`;

function levelsText({ logs }: RunningState): string {
  const lines = [...logs.levels()].map(([name, level]) => `  ${name}: ${level}\n`);
  return `active loggers:\n${lines.sort().join('')}`;
}

interface Change {
  /** null: all. */
  readonly component: string | null;
  readonly level: string;
}

/** What is wrong with it, and nothing has been changed then; null: it has been done. */
function change(
  { logs }: RunningState,
  asked: readonly [string, string] | undefined,
): string | null {
  if (asked === undefined) return null;
  const changes = changesOf(asked);
  const known = logs.levels();
  for (const { component, level } of changes) {
    if (!isLevel(level)) return 'unknown logger level';
    if (component !== null && !known.has(component)) return 'unknown logger name';
  }
  for (const { component, level } of changes) logs.setLevel(component, level as LogLevel);
  return null;
}

function changesOf([name, value]: readonly [string, string]): readonly Change[] {
  if (name === 'level') return [{ component: null, level: value }];
  if (name !== 'paths') return [{ component: name, level: value }];
  return value.split(',').map((entry) => {
    const colon = entry.lastIndexOf(':');
    return { component: entry.slice(0, Math.max(0, colon)), level: entry.slice(colon + 1) };
  });
}

function isLevel(text: string): boolean {
  return logLevels.some((level) => level === text);
}
