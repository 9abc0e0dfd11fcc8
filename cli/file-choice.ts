import { EnsembleError } from '../core/base/errors.ts';

/** Priority of a file that is fetched, as if nothing had been said. */
const NORMAL = 4;

/**
 * Priority of each file, from the patterns of `--only`: `*` and `?` stand for characters of one name, `**` also for
 * folders. A pattern without a slash is compared with file names, another with the whole path, with and without the
 * torrent's own folder. EnsembleError('usage') for a pattern that matches no file.
 */
export function choosePriorities(paths: readonly (readonly string[])[], patterns: readonly string[]): number[] {
  const out = paths.map(() => 0);
  for (const pattern of patterns) {
    const expression = globExpression(pattern);
    let fits = 0;
    for (const [i, parts] of paths.entries()) {
      const candidates = pattern.includes('/')
        ? [parts.join('/'), parts.slice(1).join('/')]
        : [parts[parts.length - 1] ?? ''];
      if (!candidates.some((c) => expression.test(c))) continue;
      out[i] = NORMAL;
      fits++;
    }
    if (fits === 0) {
      throw new EnsembleError(
        'usage',
        `--only ${pattern}: no file of the torrent matches. \`ensemble show\` lists them.`,
      );
    }
  }
  return out;
}

function globExpression(pattern: string): RegExp {
  const text = pattern.replace(/\*{2,}\/?|\*|\?|[.+^${}()|[\]\\]/g, (token) => {
    if (token.startsWith('**')) return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return `\\${token}`;
  });
  return new RegExp(`^${text}$`, 'iu');
}
