import { ListFilter, X } from 'lucide-react';
import { Menu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { format } from '../../format/format.ts';
import { IconMenu } from '../../parts/icon-menu.tsx';
import menu from '../../parts/menu.module.css';
import { useUi } from '../../stores/context.tsx';
import { LABEL_KINDS, labelCounts, type LabelKind } from '../../stores/labels.ts';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './label-menu.module.css';
import { useDownloads } from './use-listed.ts';

const words = text.table;

const nameOf = (kind: LabelKind, label: string): string => (label === '' ? words.without[kind] : label);

function choose(kind: LabelKind, label: string | undefined): void {
  ui.setState(({ labels }) => ({ labels: { ...labels, [kind]: label } }));
}

/** Narrows the list down to one category, tag or tracker. */
export function LabelMenu(): ReactNode {
  return (
    <IconMenu label={words.narrow} icon={<ListFilter />} tall>
      {LABEL_KINDS.map((kind) => (
        <KindLines key={kind} kind={kind} />
      ))}
    </IconMenu>
  );
}

function KindLines({ kind }: { readonly kind: LabelKind }): ReactNode {
  const downloads = useDownloads();
  const chosen = useUi((state) => state.labels[kind]);
  const counts = labelCounts(downloads, kind);
  // Where nothing has one there is nothing to choose.
  if (counts.every(([label]) => label === '') && chosen === undefined) return null;
  return (
    <Menu.RadioGroup value={chosen ?? null} onValueChange={(label: string | null) => choose(kind, label ?? undefined)}>
      <Menu.GroupLabel className={menu['label']}>{words.kinds[kind]}</Menu.GroupLabel>
      <Line value={null} name={words.everything} count={downloads.length} />
      {counts.map(([label, count]) => (
        <Line key={label} value={label} name={nameOf(kind, label)} count={count} />
      ))}
    </Menu.RadioGroup>
  );
}

function Line(props: { readonly value: string | null; readonly name: string; readonly count: number }): ReactNode {
  return (
    <Menu.RadioItem value={props.value} className={menu['item']} closeOnClick>
      <span className={menu['icon']}>
        <Menu.RadioItemIndicator>✓</Menu.RadioItemIndicator>
      </span>
      <span className={styles['name']}>{props.name}</span>
      <span className={menu['keys']}>{format.count(props.count)}</span>
    </Menu.RadioItem>
  );
}

/** To what the list is narrowed down, each with a way out of it. */
export function LabelChips(): ReactNode {
  const labels = useUi((state) => state.labels);
  const chosen = LABEL_KINDS.flatMap((kind) => {
    const label = labels[kind];
    return label === undefined ? [] : [{ kind, chip: words.chip(words.kinds[kind], nameOf(kind, label)) }];
  });
  if (chosen.length === 0) return null;
  return (
    <div className={styles['chips']}>
      {chosen.map(({ kind, chip }) => (
        <button
          key={kind}
          type="button"
          className={styles['chip']}
          aria-label={words.drop(chip)}
          onClick={() => choose(kind, undefined)}
        >
          <span className={styles['name']}>{chip}</span>
          <X aria-hidden="true" />
        </button>
      ))}
    </div>
  );
}
