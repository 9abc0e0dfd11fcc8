import { type ReactNode, useState } from 'react';
import { format } from '../../format/format.ts';
import { type CheckLine, CheckList } from '../../parts/check-list.tsx';
import { CheckListHead } from '../../parts/check-list-head.tsx';
import { text } from '../../texts/en.ts';
import { factsOf, fateOf } from './candidate-text.ts';
import { type Candidate, type Chosen, isOpen, withChosen } from './candidates.ts';
import styles from './import.module.css';

const words = text.import;

/** What was found, with what is kept of each and becomes of it, and which are wanted. */
export function CandidateList(props: {
  readonly found: readonly Candidate[];
  readonly chosen: Chosen;
  readonly choose: (change: (found: readonly Candidate[]) => readonly Candidate[]) => void;
}): ReactNode {
  const { found, chosen, choose } = props;
  const { open, wanted, present, refused } = chosen;
  const [onlyLeftOut, setOnlyLeftOut] = useState(false);
  const leftOut = found.length - open;
  const shown = onlyLeftOut && leftOut > 0 ? found.filter((one) => !isOpen(one)) : found;
  const summary = [
    words.found(found.length, format.count(found.length)),
    ...(present > 0 ? [words.known(format.count(present))] : []),
    ...(refused > 0 ? [words.refused(refused, format.count(refused))] : []),
  ];
  return (
    <>
      <p className={styles['summary']}>{summary.join(' · ')}</p>
      <CheckListHead
        label={words.all}
        open={open}
        chosen={wanted.length}
        onAll={(all) => choose((now) => withChosen(now, undefined, all))}
        leftOut={leftOut}
        onlyLeftOut={onlyLeftOut}
        onOnlyLeftOut={setOnlyLeftOut}
      />
      <CheckList
        label={words.list}
        items={shown}
        line={lineOf}
        onChoose={(id, wished) => choose((now) => withChosen(now, id, wished))}
      />
    </>
  );
}

function lineOf(one: Candidate): CheckLine {
  const { torrent, chosen } = one;
  const open = isOpen(one);
  return { label: torrent.name, hint: <Told torrent={torrent} />, checked: open && chosen, fixed: !open };
}

function Told({ torrent }: Pick<Candidate, 'torrent'>): ReactNode {
  const { how, notes } = torrent;
  const fate = fateOf(torrent);
  return (
    <>
      {factsOf(torrent)}
      {fate !== undefined && <span className={styles['fate']}>{fate}</span>}
      {notes.map((note) => (
        <span key={note} className={styles[how === null ? 'refused' : 'note']}>
          {note}
        </span>
      ))}
    </>
  );
}
