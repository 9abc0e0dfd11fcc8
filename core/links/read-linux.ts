import { jsonRows } from '../base/json-rows.ts';
import type { WayTaken } from './link.ts';

/** The answer to `ip -j route get TARGET from ADDRESS`: its output, or what it wrote where it failed. */
export function readRouteGet(answer: { readonly output: string } | { readonly failure: string }): WayTaken {
  if ('failure' in answer) {
    const why = /answers: (.+)/.exec(answer.failure)?.[1];
    return why === undefined ? { kind: 'untold' } : { kind: 'none', why };
  }
  const [route] = jsonRows(answer.output);
  const by = route?.['dev'];
  if (typeof by !== 'string') return { kind: 'untold' };
  // What is unreachable or thrown away bears a type; it leaves by loopback.
  const type = route?.['type'];
  if (typeof type === 'string' && type !== 'unicast') return { kind: 'none', why: type };
  const gateway = route?.['gateway'];
  return { kind: 'leaves', by, ...(typeof gateway === 'string' ? { gateway } : {}) };
}

/** A policy rule. */
export interface Rule {
  readonly priority: number;
  readonly table: string;
  /** `10.0.0.2/32`, or `all`. */
  readonly source: string;
  /** Who made it, as a number or a name of /etc/iproute2/rt_protos. */
  readonly protocol: string;
}

/** `ip -j -d rule show`. */
export function readRules(text: string, family: 4 | 6): readonly Rule[] {
  return jsonRows(text).flatMap((rule): Rule[] => {
    const { priority, table, src, srclen = family === 6 ? 128 : 32, protocol } = rule;
    if (typeof priority !== 'number' || typeof table !== 'string' || typeof src !== 'string') return [];
    const source = src === 'all' ? src : `${src}/${Number(srclen)}`;
    return [{ priority, table, source, protocol: typeof protocol === 'string' ? protocol : '' }];
  });
}

/** The routing tables that have routes, by `ip -j route show table all`. */
export function readTables(text: string): ReadonlySet<string> {
  return new Set(jsonRows(text).map((route) => (typeof route['table'] === 'string' ? route['table'] : 'main')));
}
