import type { Command } from 'commander';
import { counted } from '../../core/base/counted.ts';
import { rateText } from '../../core/base/sizes.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import type { LinkKind } from '../../core/base/choices.ts';
import { seenAsOne } from '../../core/engine/paths.ts';
import { judge, type Link, sharedWays } from '../../core/links/link.ts';
import type { CommandLine } from '../../core/links/policy.ts';
import type { Repair, Survey } from '../../core/links/survey.ts';
import type { Speed } from '../../core/peer/speed-probe.ts';
import { withoutZone } from '../../core/portmap/gateways.ts';
import { abortable } from '../abortable.ts';
import type { Context } from '../context.ts';
import { addJson } from '../download-options.ts';
import { withTimeout } from '../follow.ts';
import { addPeer, parseBindList, parseSeconds } from '../options.ts';
import { chooseReporter } from '../output/choose.ts';
import { findRunning } from '../running.ts';
import { noAddress } from './no-address.ts';
import { type MeasureFlags, measuring, type Measuring } from './paths-measure.ts';
import { watchPaths, type WatchFlags } from './paths-watch.ts';

interface PathsFlags extends WatchFlags, MeasureFlags {
  readonly watch?: boolean;
  readonly ask?: boolean;
  readonly gateway?: readonly string[];
  readonly apply?: boolean;
  readonly undo?: boolean;
  readonly yes?: boolean;
}

export function definePaths(program: Command): Command {
  return addJson(
    program
      .command('paths')
      .description("by which link the packets of each of this machine's addresses leave, and what sets it right")
      .option('--gateway <addresses>', 'routers A[,B...] of links where the routing table names none', parseBindList)
      .option('--apply', 'run the commands that set links right, after asking (Linux, as root)')
      .option('--undo', 'take back what --apply did')
      .option('--yes', 'do not ask')
      .option('--ask', 'ask the router of each link, too, how it is seen from outside')
      .option('--measure <torrent>', 'measure each link: fetch of this torrent for some seconds, and keep nothing')
      .option('--peer <host:port>', 'with --measure: who has its files (repeatable)', addPeer, [])
      .option('--watch', 'follow what leaves by each link of the programs that run')
      .option('--state <dir>', "ask those that run with this state folder (default: the platform's)")
      .option('--url <url>', 'ask the one that serves the UI at this URL')
      .option('--timeout <seconds>', 'with --watch: for so long', parseSeconds),
  );
}

/** `ensemble paths`. Rejects with EnsembleError where the system refuses a command, or nobody is there to ask. */
export async function paths(context: Context, flags: PathsFlags): Promise<void> {
  if (flags.apply === true && flags.undo === true) {
    throw new EnsembleError('usage', '--apply and --undo are opposites: give one of them.');
  }
  if (flags.watch === true) return watchPaths(context, flags);
  const reporter = chooseReporter(context, flags.json === true);
  const measured = await measuring(context, flags);
  const ways = await context.backend.openPaths();
  const gateways = flags.gateway ?? [];
  const before = await ways.survey(gateways);
  const outside = flags.undo === true ? NOBODY : await seenFrom(context, flags);
  if (flags.undo === true) {
    if (before.takeBack.length === 0) {
      return reporter.result({ event: 'undone', commands: 0 }, 'There is nothing to take back.');
    }
    await agree(context, flags, before.takeBack);
    await ways.undo(before.takeBack);
    const count = before.takeBack.length;
    return reporter.result({ event: 'undone', commands: count }, `Taken back, by ${counted(count, 'command')}.`);
  }
  if (flags.apply === true && before.repairs.length > 0) {
    await agree(
      context,
      flags,
      before.repairs.flatMap(({ make }) => make),
    );
    await ways.apply(before.repairs);
    return tell(reporter, await ways.survey(gateways), outside, measured);
  }
  return tell(reporter, before, outside, measured);
}

async function tell(
  reporter: ReturnType<typeof chooseReporter>,
  found: Survey,
  outside: ReadonlyMap<string, string>,
  measured: Measuring,
): Promise<void> {
  const { links, repairs } = found;
  if (links.length === 0) throw noAddress();
  for (const link of links) {
    const repair = repairs.find((one) => one.link === link);
    const seenAs = outside.get(link.own.address);
    const speed = await measured(link);
    const notes = [
      ...(seenAs === undefined ? [] : [`\n  From outside it is seen as ${seenAs}.`]),
      ...(speed === undefined ? [] : [`\n  ${speedText(speed)}`]),
    ];
    const fields = {
      ...linkFields(link, repair),
      ...(seenAs === undefined ? {} : { outside: seenAs }),
      ...(speed === undefined ? {} : speed.kind === 'measured' ? { speed: speed.rate } : { unmeasured: speed.why }),
    };
    reporter.result(fields, `${linkText(link, repair)}${notes.join('')}`);
  }
  const shared = sharedWays(links).map((group) => group.map(({ own }) => own.address));
  for (const addresses of shared) {
    reporter.result(
      { event: 'shared', addresses },
      `${addresses.join(' and ')} leave by the same way: together they carry no more than one of them.`,
    );
  }
  const seen = links.map(({ own }) => ({ address: own.address, outside: outside.get(own.address) ?? null }));
  for (const addresses of seenAsOne(seen, shared)) {
    reporter.result(
      { event: 'seen-as-one', addresses },
      `${addresses.join(' and ')} are seen from outside as one: they may share a line.`,
    );
  }
  if (repairs.length > 0) reporter.message('`ensemble paths --apply` runs these commands, `--undo` takes them back.');
}

/** How those outside see the addresses, by what programs that run have heard; with `ask` what the routers say, too. */
async function seenFrom(context: Context, flags: PathsFlags): Promise<ReadonlyMap<string, string>> {
  const out = new Map<string, string>();
  if (flags.ask === true) {
    const probes = await context.backend.probeRouters({
      bind: [],
      gateways: flags.gateway ?? [],
      signal: context.signal,
    });
    for (const { own, answers } of probes) {
      for (const { outcome } of answers) {
        if (outcome.kind === 'granted' && outcome.grant.host !== undefined) out.set(own.address, outcome.grant.host);
      }
    }
  }
  const programs = await findRunning(context, flags).catch(() => []);
  for (const { client } of programs) {
    // One that hangs, or is older, holds nobody up.
    const { context: patient, cancel } = withTimeout(context, PATIENCE);
    const { paths: known } = await abortable(patient, client.call('paths', null)).catch(() => ({ paths: [] }));
    cancel();
    for (const { address, outside } of known) if (outside !== null) out.set(address, outside);
    client.close();
  }
  return out;
}

async function agree({ backend, err }: Context, flags: PathsFlags, commands: readonly CommandLine[]): Promise<void> {
  if (flags.yes === true) return;
  err.write(`${commands.map((command) => `  ${command.join(' ')}\n`).join('')}`);
  const answer = await backend.confirm('Run these commands?');
  if (answer === undefined) {
    throw new EnsembleError('usage', 'There is no terminal to ask at: give --yes, or run the commands above yourself.');
  }
  if (!answer) throw new EnsembleError('usage', 'Nothing was changed.');
}

/** How long a program that runs may think (s). */
const PATIENCE = 3;

const NOBODY: ReadonlyMap<string, string> = new Map();

const KINDS: Readonly<Record<LinkKind, string>> = {
  wired: 'wired',
  wireless: 'wireless',
  mobile: 'mobile modem',
  vpn: 'VPN or tunnel',
  virtual: 'virtual',
  unknown: 'link',
};

function linkFields(link: Link, repair: Repair | undefined): Record<string, unknown> {
  const { own, at, gateway, way } = link;
  return {
    event: 'link',
    interface: own.interfaceName,
    address: own.address,
    family: own.family,
    kind: at.kind,
    up: at.up,
    ...(own.temporary === true ? { temporary: true } : {}),
    ...(own.deprecated === true ? { deprecated: true } : {}),
    ...(gateway === undefined ? {} : { gateway: withoutZone(gateway) }),
    verdict: judge(link),
    ...(way.kind === 'leaves' ? { leavesBy: way.by, ...(way.gateway === undefined ? {} : { to: way.gateway }) } : {}),
    ...(way.kind === 'none' ? { why: way.why } : {}),
    ...(repair === undefined ? {} : { make: repair.make, undo: repair.undo }),
  };
}

function linkText(link: Link, repair: Repair | undefined): string {
  const { own, at, gateway } = link;
  const traits = [
    KINDS[at.kind],
    ...(own.temporary === undefined ? [] : [own.temporary ? 'temporary' : 'stable']),
    ...(own.deprecated === true ? ['deprecated'] : []),
    ...(at.up ? [] : ['nothing is plugged in']),
    ...(gateway === undefined ? [] : [`router ${withoutZone(gateway)}`]),
  ];
  const commands = repair === undefined ? [] : repair.make.map((command) => `    ${command.join(' ')}`);
  const undone =
    repair === undefined ? [] : ['  To take that back:', ...repair.undo.map((one) => `    ${one.join(' ')}`)];
  return [
    `${own.interfaceName} ${own.address}: ${traits.join(', ')}`,
    `  ${sentence(link, repair)}`,
    ...commands,
    ...undone,
  ].join('\n');
}

function speedText(speed: Speed): string {
  if (speed.kind === 'measured') return `Measured: ${rateText(speed.rate)} come by it.`;
  return `Its speed is not known: the peer ${speed.why}.`;
}

/** What its packets do, and what is missing. */
function sentence(link: Link, repair: Repair | undefined): string {
  const { own, way } = link;
  if (way.kind === 'untold') {
    return 'This system does not tell how packets leave; see docs/links.md for what to look at.';
  }
  const to = way.kind === 'leaves' && way.gateway !== undefined ? `, to ${way.gateway}` : '';
  if (judge(link) === 'own') return `Packets leave by it${to}.`;
  const how =
    way.kind === 'leaves'
      ? `Packets leave by ${way.by}${to}, not by this link`
      : `Packets do not leave: ${way.kind === 'none' ? way.why : ''}`;
  if (repair !== undefined) return `${how}. A rule for ${own.address} is missing:`;
  return `${how}. Its router is not known: name it with --gateway.`;
}
