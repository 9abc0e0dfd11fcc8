import type { Command } from 'commander';
import { counted } from '../../core/base/counted.ts';
import { formatEndpoint } from '../../core/base/endpoint.ts';
import type { Look } from '../../core/bridge/looks.ts';
import type { TrackerSnapshot } from '../../core/engine/engine.ts';
import type { Context } from '../context.ts';
import { chooseReporter } from '../output/choose.ts';
import { formatDuration, formatPercent } from '../output/format.ts';
import { rateText, sizeText } from '../../core/base/sizes.ts';
import { progressFields } from '../output/json.ts';
import { IDENTITY_WORDS } from '../output/words.ts';
import { chosen, defineEach, type EachFlags } from './each.ts';
import { type Listed, listAll, withPrograms } from './programs.ts';
import { lineFields, stateText } from './words.ts';

interface InfoFlags extends EachFlags {
  readonly files?: boolean;
}

export function defineInfo(program: Command): Command {
  return defineEach(program, 'info', 'all about downloads of a program that runs').option(
    '--files',
    'with their files',
  );
}

export async function info(context: Context, texts: readonly string[], flags: InfoFlags): Promise<void> {
  const reporter = chooseReporter(context, flags.json === true);
  await withPrograms(context, flags, async (programs) => {
    for (const one of chosen(await listAll(programs), texts, flags)) {
      const parts = flags.files === true ? (['trackers', 'files'] as const) : (['trackers'] as const);
      const look = await one.program.client.call('look', { key: one.line.key, parts });
      reporter.result(infoFields(one, look), infoText(one, look));
    }
  });
  reporter.close();
}

function infoFields(one: Listed, { download, trackers, files }: Look): Record<string, unknown> {
  const { event: _, bytes: _bytes, ...progress } = progressFields(download);
  return {
    event: 'info',
    ...lineFields(one),
    ...progress,
    wasted: download.wasted,
    hashFailures: download.hashFailures,
    pieceLength: download.pieceLength,
    private: download.private,
    ...(download.comment === undefined ? {} : { comment: download.comment }),
    trackers: trackers?.tiers.map((tier) => tier.map((url) => trackerOf(url, trackers.known))) ?? [],
    ...(files === undefined
      ? {}
      : { files: files.map(({ index, path, length, have, priority }) => ({ index, path, length, have, priority })) }),
  };
}

/** What the identity knows that fares best with it. */
function trackerOf(url: string, known: readonly TrackerSnapshot[]): Record<string, unknown> {
  const ofIt = known.filter((one) => one.url === url);
  const best = ofIt.find(({ state }) => state === 'working') ?? ofIt[0];
  if (best === undefined) return { url };
  const { state, message, seeds, leechers } = best;
  return {
    url,
    state,
    ...(message === undefined ? {} : { message }),
    ...(seeds === undefined ? {} : { seeds, leechers }),
  };
}

function infoText(one: Listed, { download, trackers, files }: Look): string {
  const { bytes, rate, downloaded, uploaded, options, timeLeft } = download;
  const ratio = downloaded === 0 ? '' : `, ratio ${(uploaded / downloaded).toFixed(2)}`;
  const limits = [
    options.down > 0 ? `down ${rateText(options.down)}` : '',
    options.up > 0 ? `up ${rateText(options.up)}` : '',
  ].filter((text) => text !== '');
  const facts: [string, string][] = [
    ['Number', String(one.number)],
    ['Info-hash', download.infoHash],
    ['State', stateText(one)],
    ['Done', `${formatPercent(bytes.have, bytes.wanted)}, ${sizeText(bytes.have)} of ${sizeText(bytes.wanted)}`],
    ['Speed', `down ${rateText(rate.down)}, up ${rateText(rate.up)}, ${counted(download.peers, 'peer')}`],
    ['Left', timeLeft === undefined ? '' : formatDuration(timeLeft)],
    ['In all', `${sizeText(downloaded)} down, ${sizeText(uploaded)} up${ratio}`],
    ['Folder', options.output],
    ['Category', options.category],
    ['Tags', options.tags.join(', ')],
    ['Limits', limits.join(', ')],
    ['Comment', download.comment ?? ''],
  ];
  const lines = [download.name];
  for (const [name, value] of facts) if (value !== '') lines.push(`  ${name.padEnd(10)} ${value}`);
  for (const { index, state, address, port = 0, proxy, peers, rate: own } of download.identities) {
    const at = address === undefined ? (proxy ?? '') : formatEndpoint({ host: address, port });
    const words = [
      at,
      IDENTITY_WORDS[state],
      `down ${rateText(own.down)}`,
      `up ${rateText(own.up)}`,
      counted(peers, 'peer'),
    ];
    lines.push(`  Identity ${index + 1}: ${words.filter((word) => word !== '').join(', ')}`);
  }
  for (const url of trackers?.tiers.flat() ?? []) {
    const { state, message } = trackerOf(url, trackers?.known ?? []);
    const said = [state, message].filter((word) => word !== undefined && word !== '');
    lines.push(`  Tracker    ${url}${said.length === 0 ? '' : ` (${said.join(': ')})`}`);
  }
  for (const { index, path, length, have, priority } of files ?? []) {
    const share = priority === 0 ? 'not wanted' : formatPercent(have, length);
    lines.push(`  ${String(index).padStart(5)} ${share.padStart(10)} ${sizeText(length).padStart(10)} ${path}`);
  }
  return lines.join('\n');
}
