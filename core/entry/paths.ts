import type { PathFound, PathsFound } from '../engine/paths.ts';
import { apply, undo } from '../links/apply.ts';
import { judge, type Link, sharedWays } from '../links/link.ts';
import type { CommandLine } from '../links/policy.ts';
import { type Repair, type Survey, survey } from '../links/survey.ts';
import { NodeInterfaces } from '../node/interfaces.ts';
import { systemCommand } from '../node/system-command.ts';
import { withoutZone } from '../portmap/gateways.ts';

/** The ways out of this machine. */
export interface Paths {
  survey(gateways: readonly string[]): Promise<Survey>;
  /** Rejects with EnsembleError where the system refuses. */
  apply(repairs: readonly Repair[]): Promise<void>;
  undo(commands: readonly CommandLine[]): Promise<void>;
}

/** Those of the system that this process runs on; only Linux tells how a packet would leave. */
export function openPaths(): Paths {
  const run = process.platform === 'linux' ? systemCommand : undefined;
  const ports = { interfaces: new NodeInterfaces(), run };
  return {
    survey: (gateways) => survey(ports, gateways),
    apply: async (repairs) => apply(systemCommand, repairs),
    undo: async (commands) => undo(systemCommand, commands),
  };
}

/** How long what was found holds (ms): to find it takes some commands of the system, and windows ask often. */
const HOLDS = 5000;

/** Looks for the ways out, seldom, however often it is asked. */
export function rarely(
  paths: Pick<Paths, 'survey'>,
  now: () => number,
): (gateways: readonly string[]) => Promise<PathsFound> {
  let last: { readonly at: number; readonly of: string; readonly found: Promise<PathsFound> } | undefined;
  return (gateways) => {
    const of = gateways.join();
    if (last === undefined || last.of !== of || now() - last.at >= HOLDS) {
      last = { at: now(), of, found: paths.survey(gateways).then(pathsFound) };
      last.found.catch(() => (last = undefined));
    }
    return last.found;
  };
}

/** What front ends show of it. */
export function pathsFound({ links, repairs }: Survey): PathsFound {
  return {
    paths: links.map((link) => pathFound(link, repairs.find((one) => one.link === link))), // prettier-ignore
    shared: sharedWays(links).map((group) => group.map(({ own }) => own.address)),
  };
}

function pathFound(link: Link, repair: Repair | undefined): PathFound {
  const { own, at, gateway, way } = link;
  return {
    interfaceName: own.interfaceName,
    address: own.address,
    family: own.family,
    kind: at.kind,
    up: at.up,
    temporary: own.temporary === true,
    deprecated: own.deprecated === true,
    gateway: gateway === undefined ? null : withoutZone(gateway),
    verdict: judge(link),
    leavesBy: way.kind === 'leaves' ? way.by : null,
    to: way.kind === 'leaves' ? (way.gateway ?? null) : null,
    why: way.kind === 'none' ? way.why : null,
    make: repair?.make ?? [],
    undo: repair?.undo ?? [],
  };
}
