import { FAR } from '../base/far.ts';
import { deviceOf, type InterfaceFacts, type Interfaces } from '../ports/interfaces.ts';
import { gatewayOf } from '../portmap/gateways.ts';
import { canBeSetRight, type Link } from './link.ts';
import { type CommandLine, setRight, sourceOf, takeBack } from './policy.ts';
import { readRouteGet, readRules, readTables } from './read-linux.ts';

/** Runs a command of the system. `failure`: what it wrote, where it ends with an error or is not there. */
export type RunCommand = (command: CommandLine) => Promise<{ readonly output: string } | { readonly failure: string }>;

export interface SurveyPorts {
  readonly interfaces: Pick<Interfaces, 'list' | 'routes' | 'describe'>;
  /** Undefined where the system has no `ip` command, that is everywhere but on Linux. */
  readonly run?: RunCommand | undefined;
}

export interface Survey {
  readonly links: readonly Link[];
  /** What sets each link right whose packets leave elsewhere, with what takes that back. */
  readonly repairs: readonly Repair[];
  /** Commands that take back what was set right earlier. */
  readonly takeBack: readonly CommandLine[];
}

export interface Repair {
  readonly link: Link;
  readonly make: readonly CommandLine[];
  readonly undo: readonly CommandLine[];
}

/** Tells of each address but loopback how its packets leave. `gateways`: routers by hand, for links whose router no table names. */
export async function survey(ports: SurveyPorts, gateways: readonly string[]): Promise<Survey> {
  const { interfaces, run = unknown } = ports;
  const described = await interfaces.describe?.();
  const links: Link[] = [];
  const repairs: Repair[] = [];
  const back: CommandLine[] = [];
  for (const family of [4, 6] as const) {
    const flag = `-${family}`;
    const routes = await interfaces.routes(family);
    const rules = readRules(await outputOf(run, ['ip', '-j', '-d', flag, 'rule', 'show']), family);
    const tables = new Set(readTables(await outputOf(run, ['ip', '-j', flag, 'route', 'show', 'table', 'all'])));
    const sources = new Set<string>();
    for (const own of interfaces.list().filter((one) => one.family === family && !one.internal)) {
      const at = described?.get(deviceOf(own)) ?? UNKNOWN;
      const gateway = gatewayOf(own, routes, gateways);
      const way = readRouteGet(await run(['ip', '-j', flag, 'route', 'get', FAR[family], 'from', own.address]));
      const link: Link = { own, at, way, ...(gateway === undefined ? {} : { gateway }) };
      links.push(link);
      // One rule may serve several addresses of a network.
      if (!canBeSetRight(link) || sources.has(sourceOf(link))) continue;
      sources.add(sourceOf(link));
      const plan = setRight(link, { rules, tables });
      tables.add(plan.table);
      repairs.push({ link, make: plan.make, undo: plan.undo });
    }
    back.push(...takeBack(rules, family));
  }
  return { links, repairs, takeBack: back };
}

const UNKNOWN: InterfaceFacts = { kind: 'unknown', up: true, pointToPoint: false };

async function outputOf(run: RunCommand, command: CommandLine): Promise<string> {
  const answer = await run(command);
  return 'output' in answer ? answer.output : '';
}

function unknown(): ReturnType<RunCommand> {
  return Promise.resolve({ failure: '' });
}
