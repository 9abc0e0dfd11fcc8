import type { Command } from 'commander';
import { EnsembleError } from '../../core/base/errors.ts';
import { judge, type Link, type LinkKind, sharedWays } from '../../core/links/link.ts';
import type { CommandLine } from '../../core/links/policy.ts';
import type { Repair, Survey } from '../../core/links/survey.ts';
import { withoutZone } from '../../core/portmap/gateways.ts';
import type { Context } from '../context.ts';
import { addJson } from '../download-options.ts';
import { parseBindList } from '../options.ts';
import { chooseReporter } from '../output/choose.ts';

interface PathsFlags {
  readonly json?: boolean;
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
      .option('--yes', 'do not ask'),
  );
}

/** `ensemble paths`. Rejects with EnsembleError where the system refuses a command, or nobody is there to ask. */
export async function paths(context: Context, flags: PathsFlags): Promise<void> {
  if (flags.apply === true && flags.undo === true) {
    throw new EnsembleError('usage', '--apply and --undo are opposites: give one of them.');
  }
  const reporter = chooseReporter(context, flags.json === true);
  const ways = await context.backend.openPaths();
  const gateways = flags.gateway ?? [];
  const before = await ways.survey(gateways);
  if (flags.undo === true) {
    if (before.takeBack.length === 0) {
      return reporter.result({ event: 'undone', commands: 0 }, 'There is nothing to take back.');
    }
    await agree(context, flags, before.takeBack);
    await ways.undo(before.takeBack);
    const count = before.takeBack.length;
    return reporter.result({ event: 'undone', commands: count }, `Taken back, by ${count} commands.`);
  }
  if (flags.apply === true && before.repairs.length > 0) {
    await agree(
      context,
      flags,
      before.repairs.flatMap(({ make }) => make),
    );
    await ways.apply(before.repairs);
    return tell(reporter, await ways.survey(gateways));
  }
  return tell(reporter, before);
}

function tell(reporter: ReturnType<typeof chooseReporter>, found: Survey): void {
  const { links, repairs } = found;
  if (links.length === 0) {
    throw new EnsembleError('network', 'This machine has no address but loopback: connect it to a network.');
  }
  for (const link of links) {
    const repair = repairs.find((one) => one.link === link);
    reporter.result(linkFields(link, repair), linkText(link, repair));
  }
  for (const group of sharedWays(links)) {
    const addresses = group.map(({ own }) => own.address);
    reporter.result(
      { event: 'shared', addresses },
      `${addresses.join(' and ')} leave by the same way: together they carry no more than one of them.`,
    );
  }
  if (repairs.length > 0) reporter.message('`ensemble paths --apply` runs these commands, `--undo` takes them back.');
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
    ...(own.temporary === true ? ['temporary'] : []),
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
