import type { FileView, IdentityView } from '../../core/bridge/views.ts';
import type { Format } from '../format/format.ts';
import { text } from '../texts/en.ts';
import { ARRIVING, FROM_BEFORE, MISSING, NOT_WANTED } from './codes.ts';
import type { MapData } from './map-data.ts';

/** `1,021 of 1,648 pieces; identity 1 fetched 360, identity 2 fetched 313`: a piece map in words, for screen readers. */
export function describeMap(
  have: number,
  total: number,
  identities: readonly Pick<IdentityView, 'index' | 'pieces'>[],
  f: Format,
): string {
  const whole = text.detail.map.describe(f.count(have), f.count(total));
  const each = identities.map((one) => text.detail.map.fetched(f.count(one.index + 1), f.count(one.pieces)));
  return each.length === 0 ? whole : `${whole}; ${each.join(', ')}`;
}

/** Blocks are 16 KiB (BEP 3). */
const BLOCK = 16_384;

/** The tip for one cell: a heading and lines below it. */
export interface Tip {
  readonly heading: string;
  readonly state: string;
  readonly lines: readonly string[];
}

/** What a tip is made from besides the map. */
export interface TipFacts {
  /** Needed for the number of blocks of a piece. */
  readonly pieceLength: number;
  readonly files: readonly FileView[] | null;
  readonly name: string;
  /** Whether there are several identities; one alone goes without saying. */
  readonly several: boolean;
  /** Addresses of the peers that one piece came from. */
  readonly source?: { readonly piece: number; readonly from: readonly string[] } | undefined;
}

/** The tip for pieces `from` to before `to`. */
export function tipOf(data: MapData, from: number, to: number, facts: TipFacts, f: Format): Tip {
  const { pieceLength, files, name } = facts;
  const words = text.detail.tip;
  const lines: string[] = [];
  const file = fileLine(files, name, from, to, f);
  if (to - from === 1) {
    const owner = ownerOf(data, from);
    const peers = data.availability(from);
    const who = [
      ...(owner === undefined
        ? []
        : ownerText(owner, facts.source?.piece === from ? facts.source.from : [], facts.several, f)),
      ...(peers === undefined ? [] : [words.peers(peers, f.count(peers))]),
    ];
    if (who.length > 0) lines.push(who.join(' · '));
    if (file !== undefined) lines.push(file);
    return { heading: words.piece(f.count(from)), state: stateOf(data, from, pieceLength, f), lines };
  }
  let have = 0;
  let arriving = 0;
  let rarest: number | undefined;
  const owners = new Map<number, number>();
  for (let piece = from; piece < to; piece++) {
    const code = data.codes[piece] ?? MISSING;
    if (code === ARRIVING) arriving++;
    if (code < NOT_WANTED || code === FROM_BEFORE) have++;
    if (code < NOT_WANTED) owners.set(code, (owners.get(code) ?? 0) + 1);
    const peers = code === MISSING || code === ARRIVING ? data.availability(piece) : undefined;
    if (peers !== undefined) rarest = Math.min(rarest ?? peers, peers);
  }
  const there = words.someThere(f.count(have), f.count(to - from));
  if (owners.size > 0 && facts.several) {
    const most = [...owners].sort((a, b) => b[1] - a[1]).slice(0, 4);
    lines.push(most.map(([owner, n]) => `${words.identity(f.count(owner + 1))}: ${f.count(n)}`).join(' · '));
  }
  if (rarest !== undefined) lines.push(words.rarest(rarest, f.count(rarest)));
  if (file !== undefined) lines.push(file);
  const state = arriving === 0 ? there : `${there}, ${words.someArriving(f.count(arriving))}`;
  return { heading: words.pieces(f.count(from), f.count(to - 1)), state, lines };
}

/** How many peers are named one by one. */
const NAMED = 2;

function ownerText(owner: number, from: readonly string[], several: boolean, f: Format): readonly string[] {
  const words = text.detail.tip;
  const identity = words.identity(f.count(owner + 1));
  if (from.length === 0) return several ? [identity] : [];
  const others = from.length - NAMED;
  const named = from.slice(0, NAMED);
  const list = f.list(others > 0 ? [...named, words.others(others, f.count(others))] : named);
  return [several ? words.from(identity, list) : words.plainFrom(list)];
}

function stateOf(data: MapData, piece: number, pieceLength: number, f: Format): string {
  const words = text.detail.tip;
  const code = data.codes[piece] ?? MISSING;
  if (code === ARRIVING) {
    const blocks = Math.max(1, Math.ceil(pieceLength / BLOCK));
    const done = Math.round(((data.arriving.get(piece)?.fill ?? 0) / 255) * blocks);
    return words.arriving(f.count(done), f.count(blocks));
  }
  if (code === MISSING) return words.missing;
  if (code === NOT_WANTED) return words.unwanted;
  return code === FROM_BEFORE ? words.before : words.present;
}

function ownerOf(data: MapData, piece: number): number | undefined {
  const code = data.codes[piece] ?? MISSING;
  if (code === ARRIVING) return data.arriving.get(piece)?.identity;
  return code < NOT_WANTED ? code : undefined;
}

/** A file's path below the torrent's own folder. */
export function withoutRoot(path: string, name: string): string {
  return path.startsWith(`${name}/`) ? path.slice(name.length + 1) : path;
}

function fileLine(
  files: readonly FileView[] | null,
  name: string,
  from: number,
  to: number,
  f: Format,
): string | undefined {
  if (files === null) return undefined;
  const within = files.filter((file) => file.firstPiece >= 0 && file.firstPiece < to && file.lastPiece >= from);
  const [first] = within;
  if (first === undefined) return undefined;
  const path = withoutRoot(first.path, name);
  if (within.length === 1) return path;
  return `${path} ${text.detail.tip.moreFiles(within.length - 1, f.count(within.length - 1))}`;
}
