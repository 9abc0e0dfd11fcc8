import type { MakeChoices } from '../../../core/engine/making.ts';
import { readTiers } from '../../../core/base/tracker-tiers.ts';

/** What is typed of a torrent that is to be made. */
export interface CreateForm {
  readonly path: string;
  readonly version: MakeChoices['version'];
  /** Bytes; empty: by the size. */
  readonly pieceLength: string;
  readonly trackers: string;
  readonly webSeeds: string;
  readonly private: boolean;
  readonly source: string;
  readonly comment: string;
  readonly links: MakeChoices['links'];
  readonly hidden: boolean;
  readonly anyNames: boolean;
  readonly executable: boolean;
}

export const FIRST: CreateForm = {
  path: '',
  version: '1',
  pieceLength: '',
  trackers: '',
  webSeeds: '',
  private: false,
  source: '',
  comment: '',
  links: 'refuse',
  hidden: true,
  anyNames: false,
  executable: false,
};

/** 16 KiB to 64 MiB. */
export const PIECE_LENGTHS: readonly number[] = Array.from({ length: 13 }, (_, power) => 16_384 * 2 ** power);

export function choicesOf(form: CreateForm): MakeChoices {
  const { path: _, pieceLength, trackers, webSeeds, source, comment, ...rest } = form;
  return {
    ...rest,
    ...(pieceLength === '' ? {} : { pieceLength: Number(pieceLength) }),
    trackers: readTiers(trackers),
    webSeeds: webSeeds.split(/\s+/).filter((url) => url !== ''),
    ...(source.trim() === '' ? {} : { source: source.trim() }),
    ...(comment.trim() === '' ? {} : { comment: comment.trim() }),
  };
}
