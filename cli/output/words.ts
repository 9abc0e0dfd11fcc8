import { counted } from '../../core/base/counted.ts';
import type { DownloadSnapshot, DownloadState, IdentitySnapshot, IdentityState } from '../../core/engine/engine.ts';
import { waitText } from '../../core/engine/link-rules.ts';
import { rateText, sizeText } from '../../core/base/sizes.ts';
import { formatDuration, formatPercent } from './format.ts';
import { printable } from './printable.ts';

/** States of a download as people read them. */
export const STATE_WORDS: Readonly<Record<DownloadState, string>> = {
  metadata: 'fetching metadata',
  checking: 'checking',
  downloading: 'downloading',
  paused: 'paused',
  queued: 'queued',
  complete: 'complete',
  assembling: 'assembling',
  done: 'done',
  seeding: 'seeding',
  moving: 'moving',
  failed: 'failed',
  'missing-files': 'files are missing',
};

/** States of an identity as people read them; empty where the figures say enough. */
export const IDENTITY_WORDS: Readonly<Record<IdentityState, string>> = {
  starting: 'starting',
  downloading: '',
  sharing: 'sharing',
  seeding: 'seeding',
  paused: 'paused',
  left: 'left',
  restarting: 'restarting',
  'no-address': 'waits for its address or proxy',
  'given-up': 'given up',
  silent: 'silent',
};

/** How an identity fares, or where it is; why its link waits, if that has a name. */
export function identityWords({ state, link, waits, address = '' }: IdentitySnapshot): string {
  if (state === 'no-address' && link !== undefined && waits !== undefined) {
    return printable(`${link} waits: ${waitText(waits)}`);
  }
  return IDENTITY_WORDS[state] || printable(address);
}

/** How far checking, assembling or downloading is, 0 to 1. */
export function fractionOf(snapshot: DownloadSnapshot): number {
  if (snapshot.work !== undefined) return Math.min(1, Math.max(0, snapshot.work));
  // Of what is wanted nothing is known yet.
  if (snapshot.state === 'metadata') return 0;
  return snapshot.bytes.wanted === 0 ? 1 : Math.min(1, snapshot.bytes.have / snapshot.bytes.wanted);
}

/** A download on one line, without a display. */
export function progressLine(snapshot: DownloadSnapshot): string {
  if (snapshot.work !== undefined) {
    return `${STATE_WORDS[snapshot.state]}: ${formatPercent(fractionOf(snapshot), 1)}`;
  }
  const { state, bytes } = snapshot;
  const amounts = [
    `${STATE_WORDS[state]}: ${formatPercent(bytes.have, bytes.wanted)}`,
    `${sizeText(bytes.have)} of ${sizeText(bytes.wanted)}`,
  ];
  const parts = [
    ...(state === 'metadata' ? [STATE_WORDS[state]] : amounts),
    `down ${rateText(snapshot.rate.down)}`,
    `up ${rateText(snapshot.rate.up)}`,
    counted(snapshot.peers, 'peer'),
  ];
  if (snapshot.timeLeft !== undefined) parts.push(`${formatDuration(snapshot.timeLeft)} left`);
  const active = snapshot.identities.filter(({ state }) => state !== 'left').length;
  if (snapshot.identities.length > 1) parts.push(`${active} of ${snapshot.identities.length} identities`);
  return parts.join(', ');
}

/** The result of a download in a few lines. */
export function doneText(snapshot: DownloadSnapshot, files: readonly string[]): string {
  const seconds = snapshot.active / 1000;
  const mean = seconds > 0 ? ` (${rateText(snapshot.downloaded / seconds)})` : '';
  const lines = [
    `Downloaded ${sizeText(snapshot.downloaded)} in ${formatDuration(snapshot.active)}${mean}, uploaded ${sizeText(snapshot.uploaded)}.`,
  ];
  if (snapshot.identities.length > 1) lines.push(...snapshot.identities.map(identityLine));
  const shown = 5;
  for (const file of files.slice(0, shown)) lines.push(file);
  if (files.length > shown) lines.push(`... and ${counted(files.length - shown, 'more file')}`);
  return lines.join('\n');
}

function identityLine(identity: IdentitySnapshot): string {
  const figures = [
    counted(identity.pieces, 'piece'),
    `${sizeText(identity.downloaded)} down`,
    `${sizeText(identity.uploaded)} up`,
    `${formatDuration(identity.active)}`,
  ];
  return `  identity ${identity.index + 1}: ${figures.join(', ')}`;
}
