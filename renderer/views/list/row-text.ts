import type { DownloadView } from '../../../core/bridge/views.ts';
import type { Format } from '../../format/format.ts';
import { ratioOf, shareOf } from '../../stores/figures.ts';
import { canResume, isStalled } from '../../stores/list.ts';
import { text } from '../../texts/en.ts';

/** The line below a download's name: what it does and how far it is, and on the right what matters next. */
export interface RowText {
  readonly state: string;
  readonly figures: string;
  readonly right: string;
  readonly tone: 'plain' | 'ok' | 'warn' | 'bad';
}

/** Whether it is paused or waits, so that its line in the list has no colours. */
export function isStill(one: DownloadView): boolean {
  return canResume(one) || isStalled(one);
}

/** Whether it cannot go on until somebody does something, so that the list says why in place of its pieces. */
export function isFailed({ state }: Pick<DownloadView, 'state'>): boolean {
  return state === 'failed' || state === 'missing-files';
}

/** Why nothing comes. */
export function stallText(
  { stall, piecesNobodyHas }: Pick<DownloadView, 'stall' | 'piecesNobodyHas'>,
  f: Format,
): string {
  if (stall === null) return '';
  const words = text.list.stalls;
  switch (stall.kind) {
    case 'no-link':
      return words.noLink;
    case 'no-fetch':
      return words.noFetch;
    case 'tracker':
      return words.tracker(stall.message);
    case 'no-peers':
      return words.noPeers;
    case 'no-seed':
      return piecesNobodyHas === null || piecesNobodyHas === 0
        ? words.noSeed(stall.peers, f.count(stall.peers))
        : text.list.nobodyHas(piecesNobodyHas, f.count(piecesNobodyHas));
    case 'choked':
      return words.choked(stall.peers, f.count(stall.peers));
    case 'limited':
      return words.limited(f.rate(stall.limit));
    case 'silent':
      return words.silent(stall.peers, f.count(stall.peers));
  }
}

/** The name of its state, as list and detail say it. */
export function stateText(one: DownloadView): string {
  if (isStalled(one)) return text.list.stalled;
  // With one identity there is nothing that was put together.
  if (one.state === 'done' && one.options.identities === 1) return text.list.done;
  return text.stateNames[one.state];
}

/** Whether its state is good, calls for attention, or is bad. */
export function toneOf(one: Pick<DownloadView, 'state' | 'stall'>): RowText['tone'] {
  switch (one.state) {
    case 'metadata':
    case 'downloading':
      return isStalled(one) ? 'warn' : 'plain';
    case 'complete':
    case 'seeding':
    case 'done':
      return 'ok';
    case 'failed':
    case 'missing-files':
      return 'bad';
    default:
      return 'plain';
  }
}

export function rowText(one: DownloadView, f: Format): RowText {
  const size = f.bytes(one.bytesWanted);
  const partly = one.bytesTotal === 0 ? '' : text.list.percentOf(f.percent(shareOf(one)), size);
  const state = stateText(one);
  const said = { state, tone: toneOf(one) };
  switch (one.state) {
    case 'metadata':
      if (isStalled(one)) return { ...said, figures: stallText(one, f), right: '' };
      return { ...said, figures: '', right: one.peers > 0 ? peers(one, f) : '' };
    case 'checking':
    case 'assembling':
    case 'moving':
      return { ...said, figures: one.work === null ? '' : f.percent(one.work), right: size };
    case 'downloading':
      if (isStalled(one)) return { ...said, figures: stallText(one, f), right: f.percent(shareOf(one)) };
      return { ...said, figures: partly, right: next(one, f) };
    case 'paused':
      return {
        ...said,
        figures: partly,
        right:
          one.options.identities === 1
            ? ''
            : text.list.identities(one.options.identities, f.count(one.options.identities)),
      };
    case 'queued':
      return { ...said, figures: partly, right: one.queued === null ? '' : text.list.queued(f.count(one.queued)) };
    case 'complete':
      return { ...said, figures: size, right: text.detail.assemble.ready };
    case 'seeding':
      return { ...said, figures: size, right: text.list.ratio(f.ratio(ratioOf(one))) };
    case 'done':
      return { ...said, figures: size, right: '' };
    case 'failed':
      // Its cause alone, as there is little room.
      return { ...said, state: one.error?.message ?? state, figures: '', right: '' };
    case 'missing-files':
      return { ...said, figures: one.error?.message ?? '', right: '' };
  }
}

function next(one: DownloadView, f: Format): string {
  return one.timeLeft === null ? peers(one, f) : text.list.left(f.span(Math.max(1000, one.timeLeft)));
}

const peers = (one: DownloadView, f: Format): string => text.list.peers(one.peers, f.count(one.peers));

/** Characters of a name that the rail has room for, in two lines. */
const ROOM = 20;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A name with its middle left out where it is long: names of a series differ at their ends. */
export function shortName(name: string): string {
  const characters = Array.from(segmenter.segment(name), ({ segment }) => segment);
  if (characters.length <= ROOM) return name;
  const tail = ROOM >> 1;
  return `${characters.slice(0, ROOM - tail - 1).join('')}…${characters.slice(-tail).join('')}`;
}
