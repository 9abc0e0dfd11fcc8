import type { ReactNode } from 'react';
import { format } from '../../../format/format.ts';
import { type CheckLine, CheckList } from '../../../parts/check-list.tsx';
import { text } from '../../../texts/en.ts';
import styles from './many.module.css';
import { isOpen, type Row } from './rows.ts';

const words = text.many;

/** The torrents, each with its checkbox. */
export function ManyList(props: {
  readonly rows: readonly Row[];
  readonly onChoose: (id: number, chosen: boolean) => void;
}): ReactNode {
  return <CheckList label={words.list} items={props.rows} line={lineOf} onChoose={props.onChoose} />;
}

function lineOf(row: Row): CheckLine {
  const { name, chosen, fate } = row;
  const open = isOpen(row);
  return {
    label: name,
    hint: <Told row={row} />,
    checked: chosen && (open || fate.kind === 'reading' || fate.kind === 'adding'),
    fixed: !open,
  };
}

/** What is in it, and what becomes of it. */
function Told({ row }: { readonly row: Row }): ReactNode {
  const { fate } = row;
  const facts = factsOf(row);
  const word = 'why' in fate ? fate.why : fate.kind === 'ready' ? '' : words.fates[fate.kind];
  return (
    <>
      {facts}
      {facts !== '' && word !== '' && ' · '}
      {word !== '' && <span className={styles[fate.kind]}>{word}</span>}
    </>
  );
}

function factsOf({ facts }: Row): string {
  if (facts === undefined) return '';
  const { length, files, renamed, notes } = facts;
  return [
    length === null ? words.magnet : format.bytes(length),
    length === null ? undefined : words.files(files, format.count(files)),
    facts.private ? text.add.facts.private : undefined,
    renamed + notes > 0 ? text.add.odd(renamed, format.count(renamed), notes) : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}
