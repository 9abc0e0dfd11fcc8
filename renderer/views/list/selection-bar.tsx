import { ListChecks } from 'lucide-react';
import type { ReactNode } from 'react';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import { IconButton } from '../../parts/icon-button.tsx';
import { useUi } from '../../stores/context.tsx';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { chooseAll } from './selection.ts';
import styles from './selection-bar.module.css';
import { useListed } from './use-listed.ts';

const words = text.list.selecting;

/** Has a tap on a row select it, where nothing else can. */
export function SelectButton(): ReactNode {
  const selecting = useUi((state) => state.selecting);
  return (
    <IconButton
      tone="quiet"
      label={words.begin}
      icon={<ListChecks />}
      aria-pressed={selecting}
      onClick={() => (selecting ? end() : ui.setState({ selecting: true, selected: new Set() }))}
    />
  );
}

/** How many are selected, and what leads on from there; the buttons above the list are for them, too. */
export function SelectionBar(): ReactNode {
  const selected = useUi((state) => state.selected);
  const listed = useListed();
  return (
    <div className={styles['bar']}>
      <span className={styles['count']} role="status">
        {words.count(format.count(selected.size))}
      </span>
      <Button onClick={() => chooseAll(listed.map(({ key }) => key))}>{words.all}</Button>
      <Button disabled={selected.size === 0} onClick={() => ui.setState({ inDetail: true })}>
        {words.more}
      </Button>
      <Button onClick={end}>{words.end}</Button>
    </div>
  );
}

function end(): void {
  ui.setState(({ current }) => ({ selecting: false, selected: new Set(current === undefined ? [] : [current]) }));
}
