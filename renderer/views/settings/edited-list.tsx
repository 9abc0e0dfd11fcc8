import { Pencil, Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { IconButton } from '../../parts/icon-button.tsx';
import { text } from '../../texts/en.ts';
import styles from './edited-list.module.css';
import settingsStyles from './settings-dialog.module.css';

interface Words {
  readonly label: string;
  readonly none: string;
  readonly add: string;
  readonly change: (name: string) => string;
  readonly remove: (name: string) => string;
}

/** What the fields of one entry get. */
export interface Editing<T> {
  /** The entry as it is; undefined: it is a new one. */
  readonly before: T | undefined;
  /** Names of the others, which it cannot have. */
  readonly taken: readonly string[];
  readonly onSave: (entry: T) => void;
  readonly onCancel: () => void;
}

/** Entries that have a name each, and one of them at a time to be changed, in place of the list. */
export function EditedList<T>(props: {
  readonly words: Words;
  readonly entries: readonly T[];
  readonly nameOf: (entry: T) => string;
  /** What tells it from the others, where that is not its name. */
  readonly keyOf?: (entry: T) => string;
  /** What stands behind the name. */
  readonly factOf: (entry: T) => ReactNode;
  /** What else can be done with one. */
  readonly extra?: (entry: T) => ReactNode;
  /** Told when one is being changed, and when no longer. */
  readonly onOpen?: (open: boolean) => void;
  readonly onChange: (entries: readonly T[]) => void;
  readonly fields: (editing: Editing<T>) => ReactNode;
}): ReactNode {
  const { words, entries, nameOf, keyOf = nameOf, factOf, extra, onOpen, onChange, fields } = props;
  /** `new`: one that is not there yet. */
  const [edited, setOpened] = useState<{ readonly entry: T } | 'new'>();
  const setEdited = (one: typeof edited): void => {
    setOpened(one);
    onOpen?.(one !== undefined);
  };
  if (edited !== undefined) {
    const before = edited === 'new' ? undefined : edited.entry;
    const isBefore = (one: T): boolean => before !== undefined && keyOf(one) === keyOf(before);
    return fields({
      before,
      taken: entries.filter((one) => !isBefore(one)).map(keyOf),
      onCancel: () => setEdited(undefined),
      onSave: (entry) => {
        const at = entries.findIndex(isBefore);
        onChange(at < 0 ? [...entries, entry] : entries.with(at, entry));
        setEdited(undefined);
      },
    });
  }
  return (
    <>
      {entries.length === 0 && <p className={settingsStyles['hint']}>{words.none}</p>}
      <ul className={styles['list']} aria-label={words.label}>
        {entries.map((entry) => (
          <li key={keyOf(entry)} className={styles['entry']}>
            <span className={styles['about']}>
              <span className={styles['name']}>{nameOf(entry)}</span>
              <span className={styles['fact']}>{factOf(entry)}</span>
            </span>
            {extra?.(entry)}
            <IconButton
              tone="quiet"
              label={words.change(nameOf(entry))}
              icon={<Pencil />}
              onClick={() => setEdited({ entry })}
            />
            <IconButton
              tone="quiet"
              label={words.remove(nameOf(entry))}
              icon={<X />}
              onClick={() => onChange(entries.filter((one) => one !== entry))}
            />
          </li>
        ))}
      </ul>
      <Button icon={<Plus />} onClick={() => setEdited('new')}>
        {words.add}
      </Button>
    </>
  );
}

/** What keeps an entry as it was, and what saves it. */
export function EditedActions(props: {
  readonly onCancel: () => void;
  readonly onSave: () => void;
  readonly save: string;
}): ReactNode {
  return (
    <div className={styles['ways']}>
      <Button onClick={props.onCancel}>{text.cancel}</Button>
      <Button tone="primary" onClick={props.onSave}>
        {props.save}
      </Button>
    </div>
  );
}
