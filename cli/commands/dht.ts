import type { Command } from 'commander';
import { counted } from '../../core/base/counted.ts';
import { type Endpoint, formatEndpoint } from '../../core/base/endpoint.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { type InfoHash, millis } from '../../core/base/ids.ts';
import { isMagnetLink } from '../../core/base/magnet-link.ts';
import { isLinkStandIn } from '../../core/base/stand-in.ts';
import type { DhtNodeSnapshot } from '../../core/engine/engine.ts';
import type { ProbedNode } from '../../core/identity/dht-probe.ts';
import { parseMagnet } from '../../core/metainfo/magnet.ts';
import type { Context } from '../context.ts';
import { addDhtBootstrap, addJson } from '../download-options.ts';
import { parseBindList, parseProxyList, parseSeconds } from '../options.ts';
import { chooseReporter } from '../output/choose.ts';
import { sizeText } from '../../core/base/sizes.ts';
import type { Reporter } from '../output/reporter.ts';
import { noAddress } from './no-address.ts';
import { addRunning, findRunning, type Running, type RunningFlags } from '../running.ts';

interface DhtFlags extends RunningFlags {
  readonly own?: boolean;
  readonly json?: boolean;
  readonly bind?: readonly string[];
  readonly proxy?: readonly string[];
  readonly timeout: number;
  readonly dhtBootstrap?: readonly Endpoint[];
}

export function defineDht(program: Command): Command {
  return addJson(
    addDhtBootstrap(
      addRunning(
        program
          .command('dht')
          .description('how the DHT fares: the nodes of programs that run, or new ones for a while, and whom they find')
          .argument('[source]', 'an info-hash or magnet link to look up, by nodes of its own'),
      )
        .option('--own', 'nodes of its own, whatever programs run')
        .option(
          '--bind <addresses>',
          'its own: only at these local addresses or interface names A[,B...]',
          parseBindList,
        )
        .option('--proxy <urls>', 'its own: only by these proxies URL[,URL...]', parseProxyList)
        .option('--timeout <seconds>', 'how long it may take', parseSeconds, 60),
    ),
  );
}

export async function dht(context: Context, source: string | undefined, flags: DhtFlags): Promise<void> {
  const reporter = chooseReporter(context, flags.json === true);
  const named = flags.state !== undefined || flags.url !== undefined;
  const ofOwn = source !== undefined || flags.own === true || flags.bind !== undefined || flags.proxy !== undefined;
  if (named && ofOwn) {
    throw new EnsembleError(
      'usage',
      'Look-ups, --own, --bind and --proxy are for nodes of its own: leave --state and --url out.',
    );
  }
  if (!ofOwn && (await tellRunning(context, flags, reporter, named))) return;
  const infoHash = source === undefined ? undefined : hashOf(source);
  const peers = new Set<string>();
  const nodes = await context.backend.probeDht({
    bind: flags.bind ?? [],
    proxies: flags.proxy ?? [],
    bootstrap: flags.dhtBootstrap ?? [],
    ...(infoHash === undefined ? {} : { infoHash }),
    patience: millis(1000 * flags.timeout),
    signal: context.signal,
    found: (address, endpoints) => {
      const fresh = endpoints.map(formatEndpoint).filter((one) => !peers.has(one));
      for (const one of fresh) peers.add(one);
      if (fresh.length > 0) reporter.result({ event: 'peers', address, peers: fresh }, fresh.join('\n'));
    },
  });
  for (const node of nodes) reporter.result(nodeFields(node), nodeText(node));
  context.signal.throwIfAborted();
  if (nodes.length === 0) throw noAddress();
  if (!nodes.some(({ state }) => state === 'joined')) {
    const place = 'name nodes that answer with --dht-bootstrap HOST:PORT';
    const out = flags.proxy === undefined ? 'UDP gets out of this machine' : 'the proxy carries UDP';
    throw new EnsembleError('network', `No node of the DHT answered: see whether ${out}, or ${place}.`);
  }
  if (infoHash === undefined) return;
  const answered = nodes.reduce((sum, node) => sum + (node.answered ?? 0), 0);
  reporter.result(
    { event: 'done', infoHash, peers: peers.size, answered },
    `${counted(peers.size, 'peer')} for ${infoHash}; ${counted(answered, 'node')} answered.`,
  );
}

/** Tells of the nodes of programs that run; false where none does. `needed`: that is an error then. */
async function tellRunning(
  context: Context,
  flags: RunningFlags,
  reporter: Reporter,
  needed: boolean,
): Promise<boolean> {
  const programs = await findRunning(context, flags).catch((error: unknown) => {
    if (needed) throw error;
    return [];
  });
  try {
    if (programs.length === 0) {
      if (needed) throw new EnsembleError('network', 'No program runs with this state folder, or none can be asked.');
      reporter.message('No program runs that could be asked: this is how nodes fare that are made for this command.');
      return false;
    }
    for (const program of programs) {
      const { name, pid, client } = program;
      const nodes = await client.call('dhtNodes', null);
      const about = { program: name, ...(pid === undefined ? {} : { pid }) };
      if (nodes.length === 0) reporter.result({ event: 'no-nodes', ...about }, `${nameOf(program)} has no nodes.`);
      for (const node of nodes) reporter.result({ event: 'node', ...about, ...node }, runningText(program, node));
    }
    return true;
  } finally {
    for (const { client } of programs) client.close();
  }
}

function nameOf({ name, pid }: Running): string {
  return `ensemble ${name}${pid === undefined ? '' : ` (process ${pid})`}`;
}

function runningText(program: Running, node: DhtNodeSnapshot): string {
  const { address, port, identity, id, state, nodes, kept, sent, received, found, searches, muted } = node;
  const { good, questionable, spare } = nodes;
  const states = { stopped: 'stands still', joining: 'looks for others', joined: 'joined' };
  const lines = [
    `id ${id}`,
    `${states[state]}; knows ${good + questionable + spare} nodes, ${good} of which answered lately`,
    `keeps ${kept.peers} peers of ${kept.torrents} torrents for others`,
    `sent ${sent.messages} messages (${sizeText(sent.bytes)}), received ${received.messages} (${sizeText(received.bytes)})`,
    `found ${found} peers; ${searches} searches under way`,
    node.externalAddress === undefined
      ? 'how others see it is not known yet'
      : `others see it as ${node.externalAddress}`,
  ];
  if (node.readOnly) lines.push('only asks, as nobody reaches it from outside');
  if (muted > 0) lines.push(`does not listen to ${muted} that sent too much`);
  const head = `${nameOf(program)}, identity ${identity + 1}: ${formatEndpoint({ host: address, port })}`;
  return [head, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** Of a magnet link, or as it is written in one; one of version 2 also without what says so. */
function hashOf(source: string): InfoHash {
  if (isMagnetLink(source)) return parseMagnet(source).infoHash;
  const v2 = /^(?:1220)?([0-9a-f]{64})$/i.exec(source)?.[1];
  const topic = v2 === undefined ? `urn:btih:${encodeURIComponent(source)}` : `urn:btmh:1220${v2}`;
  return parseMagnet(`magnet:?xt=${topic}`).infoHash;
}

function nodeFields(node: ProbedNode): Record<string, unknown> {
  const { interfaceName, address, port, message, family, state, nodes, externalAddress, strangers, answered } = node;
  const place = { event: 'node', interface: interfaceName, address };
  if (message !== undefined) return { ...place, message };
  return {
    ...place,
    port,
    family,
    state,
    nodes,
    ...(externalAddress === undefined ? {} : { externalAddress }),
    strangers,
    ...(answered === undefined ? {} : { answered }),
    sent: node.sent,
    received: node.received,
  };
}

function nodeText(node: ProbedNode): string {
  const { interfaceName, address, port, message, family, state, nodes, externalAddress, strangers, answered } = node;
  // What stands for a proxy's link is no address for people.
  const byProxy = isLinkStandIn(address);
  const head = byProxy
    ? `${interfaceName}${family === 6 ? ', IPv6' : ''}`
    : `${interfaceName} ${formatEndpoint({ host: address, port })}`;
  if (message !== undefined) return `${byProxy ? head : `${interfaceName} ${address}`}\n  ${message}`;
  const lines = [
    state === 'joined' ? `joined; knows ${nodes.good} nodes that answered lately` : 'found nobody',
    `sent ${node.sent.messages} messages, received ${node.received.messages}`,
  ];
  if (externalAddress !== undefined) lines.push(`others see it as ${externalAddress}`);
  if (strangers > 0) lines.push(`reached from outside: ${strangers} others asked it first`);
  else if (state === 'joined' && !byProxy) lines.push('nobody asked it first yet, which may take longer than this');
  if (answered !== undefined) lines.push(`${answered} nodes answered its search`);
  return [head, ...lines.map((line) => `  ${line}`)].join('\n');
}
