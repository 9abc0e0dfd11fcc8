import { toHex } from '../base/bytes.ts';
import type { PieceIndex } from '../base/ids.ts';
import type { WantedLayer } from '../merkle/layer-assembly.ts';
import { HASH_LENGTH, leafCount, pieceLayer } from '../merkle/tree.ts';
import type { Geometry } from './geometry.ts';
import type { Info } from './torrent.ts';

/** The trees of a torrent's files (BEP 52), each once however many files have it; none in version 1 alone. */
export function fileTrees({ files, pieceLength }: Pick<Info, 'files' | 'pieceLength'>): WantedLayer[] {
  const trees = new Map<string, WantedLayer & { readonly firstPieces: number[] }>();
  for (const { root, length, offset } of files) {
    if (root === undefined) continue;
    const first = offset / pieceLength;
    const hex = toHex(root);
    const leaves = leafCount(length);
    const known = trees.get(hex);
    if (known === undefined) {
      trees.set(hex, { root: hex, leaves, pieceLayer: pieceLayer(pieceLength), firstPieces: [first] });
    } else known.firstPieces.push(first);
  }
  return [...trees.values()];
}

/** 32 bytes for each piece: its root where its file has no other piece, else zeros. */
export function singleRoots({
  files,
  pieceLength,
  pieceCount,
}: Pick<Info, 'files' | 'pieceLength' | 'pieceCount'>): Uint8Array {
  const out = new Uint8Array(pieceCount * HASH_LENGTH);
  for (const { root, length, offset } of files) {
    if (root !== undefined && length <= pieceLength) out.set(root, (offset / pieceLength) * HASH_LENGTH);
  }
  return out;
}

/** Where a piece is in the tree of its file. */
export interface PieceInTree {
  readonly tree: WantedLayer;
  /** It is the file's `place`th. */
  readonly place: number;
}

/** The trees of a torrent by root and by piece. */
export class FileTrees {
  readonly #info: Info;
  readonly #geometry: Geometry;
  /** Made when a hash is asked for, as most torrents never need it. */
  #byRoot: ReadonlyMap<string, WantedLayer> | undefined;

  constructor(info: Info, geometry: Geometry) {
    this.#info = info;
    this.#geometry = geometry;
  }

  /** The tree with a root of 64 hex digits; undefined: no file has it. */
  of(root: string): WantedLayer | undefined {
    this.#byRoot ??= new Map(fileTrees(this.#info).map((tree) => [tree.root, tree]));
    return this.#byRoot.get(root);
  }

  at(piece: PieceIndex): PieceInTree | undefined {
    const [span] = this.#geometry.spans(piece, 0, 1);
    const file = span === undefined ? undefined : this.#info.files[span.file];
    if (file?.root === undefined) return undefined;
    const tree = this.of(toHex(file.root));
    return tree && { tree, place: piece - file.offset / this.#info.pieceLength };
  }
}
