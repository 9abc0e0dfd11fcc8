import type { Command } from 'commander';
import type { Torrent } from '../../core/metainfo/torrent.ts';
import type { Context } from '../context.ts';
import type { DownloadOptions } from '../../core/engine/engine.ts';
import { abortable } from '../abortable.ts';
import {
  addDhtBootstrap,
  addJson,
  addOption,
  addWay,
  type DownloadFlags,
  downloadOptions,
} from '../download-options.ts';
import { withTimeout } from '../follow.ts';
import { loneDht } from '../lone.ts';
import { parseSeconds } from '../options.ts';
import { pieceLengthText, sizeText } from '../../core/base/sizes.ts';
import { chooseReporter } from '../output/choose.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import { loadSource } from '../source.ts';
import { addState } from '../state-folder.ts';
import { shownPath } from '../../core/metainfo/renamed.ts';
import { formatMagnet, parseMagnet } from '../../core/metainfo/magnet.ts';
import type { Magnet } from '../../core/metainfo/magnet.ts';
import { counted } from '../../core/base/counted.ts';
import { formatEndpoint } from '../../core/base/endpoint.ts';
import { payloadLength } from '../../core/metainfo/payload-length.ts';
import { type Hashes, hashFields, versionOf } from '../../core/metainfo/torrent-id.ts';

export interface ShowFlags extends Partial<DownloadFlags> {
  readonly fetch?: boolean;
}

/** Ways to peers, for --fetch. */
const WAYS = ['trackers', 'peers', 'dht', 'encryption'] as const;

export function defineShow(program: Command): Command {
  const command = program
    .command('show')
    .description('what is in a torrent, with its info-hash')
    .argument('<source>', 'a .torrent file, its address on a web server, or a magnet link')
    .option('--fetch', 'of a magnet link: fetch from peers what it stands for, and show that');
  addWay(addJson(command));
  for (const name of WAYS) addOption(command, name);
  return addState(addDhtBootstrap(command)).option(
    '--timeout <seconds>',
    'with --fetch: give up after this time',
    parseSeconds,
  );
}

export async function show(context: Context, source: string, flags: ShowFlags): Promise<void> {
  // Nothing is written.
  const options = downloadOptions(context, { ...flags, output: '/' });
  const read = await loadSource(context, source, options);
  const reporter = chooseReporter(context, flags.json === true);
  if (read.kind === 'magnet' && flags.fetch !== true) {
    const magnet = parseMagnet(read.link);
    reporter.result(magnetFields(magnet), magnetText(magnet));
    return;
  }
  const data = read.kind === 'torrent' ? read.data : await fetched(context, read.link, options, flags);
  const torrent = parseTorrent(data);
  reporter.result(torrentFields(torrent), torrentText(torrent));
}

async function fetched(
  outer: Context,
  link: string,
  options: DownloadOptions,
  { timeout, ...flags }: ShowFlags,
): Promise<Uint8Array> {
  const late = `No peer gave the metadata within ${timeout} s.`;
  const { context, cancel } = withTimeout(outer, timeout, late);
  const dht = loneDht(outer, flags);
  try {
    return await abortable(context, outer.backend.fetchMetadata({ link, options, dht, signal: context.signal }));
  } finally {
    cancel();
  }
}

function storedFiles(torrent: Torrent): { index: number; path: string; length: number; torrentPath?: string }[] {
  return torrent.info.files
    .map((file, index) => ({ ...file, index }))
    .filter((file) => !file.padding)
    .map(({ index, path, own, length }) => ({
      index,
      path: path.join('/'),
      length,
      ...(own !== undefined && { torrentPath: shownPath(own) }),
    }));
}

function torrentFields(torrent: Torrent): Record<string, unknown> {
  const { info, trackers, webSeeds, comment, createdBy, creationDate, notes } = torrent;
  return {
    name: info.name,
    infoHash: info.infoHash,
    ...hashFields(info.id),
    torrentVersion: versionOf(info.id),
    magnet: formatMagnet(torrent),
    pieceLength: info.pieceLength,
    pieceCount: info.pieceCount,
    length: payloadLength(info),
    private: info.private,
    files: storedFiles(torrent),
    trackers,
    webSeeds,
    ...(comment === undefined ? {} : { comment }),
    ...(createdBy === undefined ? {} : { createdBy }),
    ...(creationDate === undefined ? {} : { creationDate }),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

function torrentText(torrent: Torrent): string {
  const { info } = torrent;
  const files = storedFiles(torrent);
  const length = payloadLength(info);
  const facts: [string, string | undefined][] = [
    ...hashLines(info.id),
    ['Size', `${sizeText(length)} (${length} bytes) in ${counted(files.length, 'file')}`],
    ['Pieces', `${info.pieceCount} of ${pieceLengthText(info.pieceLength)}`],
    ['Private', info.private ? 'yes: peers only from its trackers' : undefined],
    ...torrent.trackers.map((tier, i): [string, string] => [i === 0 ? 'Trackers' : '', tier.join(', ')]),
    ...torrent.webSeeds.map((url, i): [string, string] => [i === 0 ? 'Web seeds' : '', url]),
    ['Comment', torrent.comment],
    ['Made by', torrent.createdBy],
    ['Made', torrent.creationDate === undefined ? undefined : dateText(torrent.creationDate)],
    ...torrent.notes.map((note): [string, string] => ['Note', note]),
  ];
  const lines = [info.name];
  for (const [name, value] of facts) if (value !== undefined) lines.push(`  ${name.padEnd(10)} ${value}`);
  const digits = String(files.at(-1)?.index ?? 0).length;
  for (const { index, path, length, torrentPath } of files) {
    lines.push(`  ${String(index).padStart(digits)} ${sizeText(length).padStart(10)} ${path}`);
    if (torrentPath !== undefined) {
      lines.push(`  ${''.padStart(digits + 11)} (in the torrent: ${JSON.stringify(torrentPath)})`);
    }
  }
  return lines.join('\n');
}

/** Each info-hash, and what it is called: as ever where there is only that of version 1. */
function hashLines({ v1, v2 }: Hashes): [string, string][] {
  if (v2 === undefined) return v1 === undefined ? [] : [['Info-hash', v1]];
  return [...(v1 === undefined ? [] : ([['Hash v1', v1]] as [string, string][])), ['Hash v2', v2]];
}

/** Unix seconds as a date; whatever the torrent claims must not throw. */
function dateText(seconds: number): string | undefined {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function magnetFields(magnet: Magnet): Record<string, unknown> {
  return {
    ...(magnet.name === undefined ? {} : { name: magnet.name }),
    infoHash: magnet.infoHash,
    ...hashFields(magnet.id),
    trackers: magnet.trackers,
    ...(magnet.webSeeds.length > 0 && { webSeeds: magnet.webSeeds }),
    ...(magnet.torrentUrls.length > 0 && { torrentUrls: magnet.torrentUrls }),
    peers: magnet.peers.map(formatEndpoint),
    ...(magnet.only !== undefined && { only: magnet.only.map(({ first, last }) => [first, last]) }),
  };
}

function magnetText(magnet: Magnet): string {
  const lines = [magnet.name ?? 'Magnet link'];
  for (const [name, hash] of hashLines(magnet.id)) lines.push(`  ${name.padEnd(10)} ${hash}`);
  for (const tier of magnet.trackers) lines.push(`  Tracker    ${tier.join(', ')}`);
  for (const url of magnet.torrentUrls) lines.push(`  Torrent at ${url}`);
  for (const url of magnet.webSeeds) lines.push(`  Web seed   ${url}`);
  if (magnet.only !== undefined) lines.push(`  Only files ${magnet.only.map(rangeText).join(', ')}`);
  for (const peer of magnet.peers) lines.push(`  Peer       ${formatEndpoint(peer)}`);
  return lines.join('\n');
}

/** Files are counted from 0, as in the link (BEP 53). */
function rangeText({ first, last }: { readonly first: number; readonly last: number }): string {
  return first === last ? `${first}` : `${first}-${last}`;
}
