import type { ReactNode } from 'react';
import type { ReadPreview } from './read-offer.ts';
import { format } from '../../format/format.ts';
import { text } from '../../texts/en.ts';
import styles from './add-form.module.css';

const words = text.add;

/** What was read otherwise than it stands in the torrent: which files get other names, and what was left out. */
export function Oddities({ preview }: { readonly preview: ReadPreview }): ReactNode {
  const { notes, renamed } = preview;
  if (notes.length === 0 && renamed.count === 0) return null;
  const more = renamed.count - renamed.first.length;
  return (
    <details className={styles['odd']}>
      <summary>{words.odd(renamed.count, format.count(renamed.count), notes.length)}</summary>
      <ul>
        {renamed.first.map(({ path, own }) => (
          <li key={path}>
            {path} <span className={styles['own']}>{words.inTorrent(own)}</span>
          </li>
        ))}
        {more > 0 && <li>{words.moreRenamed(more, format.count(more))}</li>}
        {notes.map((note, at) => (
          <li key={at}>{note}</li>
        ))}
      </ul>
    </details>
  );
}
