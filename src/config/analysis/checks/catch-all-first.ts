/** A rule for every request before others: Istio makes no routes of what follows it. */

import { findingCode } from '../../finding-code.ts';
import { formatPath } from '../../problem.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import { isUnconditional, matchPath } from './hidden-match.ts';
import type { Traffic } from './traffic.ts';

export function* catchAllFirst({ virtualServices }: Traffic): Iterable<AnalyzerFinding> {
  for (const { rules } of virtualServices) {
    for (const [index, rule] of rules.entries()) {
      const next = rules[index + 1];
      // Of rules without any match, IST0130 tells.
      const position = (rule.spec.match ?? []).findIndex(isUnconditional);
      if (next === undefined || position === -1) continue;
      const count = rules.length - index - 1;
      const others = count === 1 ? 'the rule after it is' : `the ${count} rules after it are`;
      yield {
        code: findingCode.catchAllFirst,
        resource: rule.resource,
        path: matchPath(rule, position),
        message: `this takes every request: ${others} never reached, from ${formatPath(next.path.slice(1))} on`,
        hint: 'move this rule to the end',
      };
      break;
    }
  }
}
