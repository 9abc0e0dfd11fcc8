import { EnsembleError } from '../../core/base/errors.ts';
import type { Listed } from './programs.ts';

export const NAMING = 'its number in `ensemble list`, the beginning of its info-hash, or a part of its name';

/** Fewer digits are likelier meant as a part of a name. */
const LEAST_HASH = 4;
/** Most downloads that a refusal names. */
const MAX_TOLD = 5;

type Choice = { readonly number: number; readonly line: Pick<Listed['line'], 'name' | 'infoHash' | 'infoHashV2'> };

/** The downloads that these texts name, each once, in their order. Throws EnsembleError('usage') for a text that fits none or several. */
export function chooseEach<T extends Choice>(all: readonly T[], texts: readonly string[]): readonly T[] {
  return [...new Set(texts.map((text) => chooseOne(all, text)))];
}

export function chooseOne<T extends Choice>(all: readonly T[], text: string): T {
  const [one, ...others] = fitting(all, text.trim());
  if (one !== undefined && others.length === 0) return one;
  const said = JSON.stringify(text);
  if (one === undefined) {
    const has = all.length === 0 ? 'There is none' : `\`ensemble list\` has ${all.length}`;
    throw new EnsembleError('usage', `No download is ${said}. ${has}; name one by ${NAMING}.`);
  }
  const candidates = [one, ...others];
  const told = candidates.slice(0, MAX_TOLD).map(({ number, line }) => `${number} ${line.name}`);
  if (candidates.length > MAX_TOLD) told.push(`${candidates.length - MAX_TOLD} more`);
  throw new EnsembleError(
    'usage',
    `${said} fits ${candidates.length} downloads: ${told.join('; ')}. Say more of the name, or give the number.`,
  );
}

/** What says exactly one thing counts before what may say several: a number, a whole hash, a whole name. */
function fitting<T extends Choice>(all: readonly T[], text: string): readonly T[] {
  if (text === '') return [];
  const lower = text.toLowerCase();
  const hashes = ({ line }: T): readonly string[] => [line.infoHash, line.infoHashV2 ?? ''];
  const exactly: readonly ((one: T) => boolean)[] = [
    ({ number }) => /^\d{1,6}$/.test(text) && number === Number(text),
    (one) => hashes(one).includes(lower),
    ({ line }) => line.name === text,
    ({ line }) => line.name.toLowerCase() === lower,
  ];
  for (const way of exactly) {
    const found = all.filter(way);
    if (found.length > 0) return found;
  }
  const begins = (one: T): boolean => isHash(lower) && hashes(one).some((hash) => hash.startsWith(lower));
  return all.filter((one) => begins(one) || one.line.name.toLowerCase().includes(lower));
}

function isHash(text: string): boolean {
  return text.length >= LEAST_HASH && /^[0-9a-f]+$/.test(text);
}
