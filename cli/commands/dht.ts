import type { Command } from 'commander';
import { type Endpoint, formatEndpoint } from '../../core/base/endpoint.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { type InfoHash, millis } from '../../core/base/ids.ts';
import { isMagnetLink } from '../../core/base/magnet-link.ts';
import type { ProbedNode } from '../../core/identity/dht-probe.ts';
import { parseMagnet } from '../../core/metainfo/magnet.ts';
import type { Context } from '../context.ts';
import { addDhtBootstrap, addJson } from '../download-options.ts';
import { parseBindList, parseSeconds } from '../options.ts';
import { chooseReporter } from '../output/choose.ts';

interface DhtFlags {
  readonly json?: boolean;
  readonly bind?: readonly string[];
  readonly timeout: number;
  readonly dhtBootstrap?: readonly Endpoint[];
}

export function defineDht(program: Command): Command {
  return addJson(
    addDhtBootstrap(
      program
        .command('dht')
        .description("how nodes of the DHT fare at this machine's addresses, and whom they find for a torrent")
        .argument('[source]', 'an info-hash or magnet link to look up')
        .option('--bind <addresses>', 'only these local addresses or interface names A[,B...]', parseBindList)
        .option('--timeout <seconds>', 'how long it may take', parseSeconds, 60),
    ),
  );
}

export async function dht(context: Context, source: string | undefined, flags: DhtFlags): Promise<void> {
  const reporter = chooseReporter(context, flags.json === true);
  const infoHash = source === undefined ? undefined : hashOf(source);
  const peers = new Set<string>();
  const nodes = await context.backend.probeDht({
    bind: flags.bind ?? [],
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
  if (nodes.length === 0) {
    throw new EnsembleError('network', 'This machine has no address but loopback: connect it to a network.');
  }
  if (!nodes.some(({ state }) => state === 'joined')) {
    const place = 'name nodes that answer with --dht-bootstrap HOST:PORT';
    throw new EnsembleError(
      'network',
      `No node of the DHT answered: see whether UDP gets out of this machine, or ${place}.`,
    );
  }
  if (infoHash === undefined) return;
  const answered = nodes.reduce((sum, node) => sum + (node.answered ?? 0), 0);
  reporter.result(
    { event: 'done', infoHash, peers: peers.size, answered },
    `${peers.size} ${peers.size === 1 ? 'peer' : 'peers'} for ${infoHash}; ${answered} nodes answered.`,
  );
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
  const { interfaceName, address, port, message, state, nodes, externalAddress, strangers, answered } = node;
  const head = `${interfaceName} ${formatEndpoint({ host: address, port })}`;
  if (message !== undefined) return `${interfaceName} ${address}\n  ${message}`;
  const lines = [
    state === 'joined' ? `joined; knows ${nodes.good} nodes that answered lately` : 'found nobody',
    `sent ${node.sent.messages} messages, received ${node.received.messages}`,
  ];
  if (externalAddress !== undefined) lines.push(`others see it as ${externalAddress}`);
  if (strangers > 0) lines.push(`reached from outside: ${strangers} others asked it first`);
  else if (state === 'joined') lines.push('nobody asked it first yet, which may take longer than this');
  if (answered !== undefined) lines.push(`${answered} nodes answered its search`);
  return [head, ...lines.map((line) => `  ${line}`)].join('\n');
}
