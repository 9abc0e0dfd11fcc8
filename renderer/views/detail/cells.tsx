import type { ReactNode } from 'react';
import { format } from '../../format/format.ts';
import { Swatch } from '../../pieces/swatch.tsx';
import styles from './sources-tab.module.css';
import table from './table.module.css';
import tones from '../../parts/tones.module.css';

/** An identity by its colour and number. */
export function IdentityCell({ identity }: { readonly identity: number }): ReactNode {
  return (
    <td>
      <span className={table['identity']}>
        <Swatch slot={identity} />
        {format.count(identity + 1)}
      </span>
    </td>
  );
}

/** A state in a word, and what was said of it. */
export function StateCell(props: {
  readonly tone: 'soft' | 'ok' | 'warn' | 'bad';
  readonly word: string;
  readonly message: string | null;
}): ReactNode {
  const { tone, word, message } = props;
  return (
    <td className={styles['state']} title={message ?? undefined}>
      <span className={tones[tone]}>{word}</span>
      {message !== null && <span className={tones['soft']}> · {message}</span>}
    </td>
  );
}
