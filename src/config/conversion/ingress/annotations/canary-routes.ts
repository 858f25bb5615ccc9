/** A rule with a canary: which requests go to it, by header, then by cookie, then by weight. */

import type { HttpMatchRequest, HttpRouteDestination } from '../../../schema/virtual-service.ts';
import type { Canary } from './canary.ts';

/** Requests with these headers go to these destinations. */
export interface Split {
  readonly headers: HttpMatchRequest['headers'];
  readonly route: HttpRouteDestination[];
}

type Destination = HttpRouteDestination['destination'];

/** The first that matches decides; the last takes what is left. */
export function splitByCanary(
  main: Destination,
  canary: Destination,
  { header, cookie, weight, weightTotal }: Canary,
): Split[] {
  const all = (destination: Destination) => [{ destination, weight: 100 }];
  const splits: Split[] = [];
  for (const { name, value, isCanary } of [...headerWords(header), ...cookieWords(cookie)]) {
    splits.push({ headers: { [name]: value }, route: all(isCanary ? canary : main) });
  }
  const rest =
    weight === 0
      ? all(main)
      : weight === weightTotal
        ? all(canary)
        : [
            { destination: main, weight: weightTotal - weight },
            { destination: canary, weight },
          ];
  return [...splits, { headers: undefined, route: rest }];
}

interface Word {
  readonly name: string;
  readonly value: { readonly exact: string } | { readonly regex: string };
  readonly isCanary: boolean;
}

function headerWords(header: Canary['header']): Word[] {
  if (header === null) return [];
  const { name, value } = header;
  switch (value.kind) {
    case 'exact':
      return [{ name, value: { exact: value.text }, isCanary: true }];
    case 'regex':
      return [{ name, value: { regex: anywhere(value.pattern) }, isCanary: true }];
    default:
      return [
        { name, value: { exact: 'always' }, isCanary: true },
        { name, value: { exact: 'never' }, isCanary: false },
      ];
  }
}

/** A pattern of nginx matches a part of the value, one of Istio all of it. */
function anywhere(pattern: string): string {
  const plain = pattern.replace(/^\^/, '').replace(/(^|[^\\])\$$/, '$1');
  const group = /[|]/.test(plain) ? `(?:${plain})` : plain;
  if (group !== plain) return `.*(?:${pattern}).*`;
  const start = pattern.startsWith('^') ? '' : '.*';
  const end = /(^|[^\\])\$$/.test(pattern) ? '' : '.*';
  return `${start}${group}${end}`;
}

function cookieWords(cookie: string | null): Word[] {
  if (cookie === null) return [];
  const name = cookie.replace(/[$*+.^|]/g, '\\$&');
  const cookieLine = (text: string) => ({ regex: `(?:.*; *)?${name}=${text}(?:;.*)?` });
  return [
    { name: 'cookie', value: cookieLine('always'), isCanary: true },
    { name: 'cookie', value: cookieLine('never'), isCanary: false },
  ];
}
