import { ArrowDown, ArrowUp, Network, Pause, Play, Plus, Rows3, Settings, Snail, Table2, X } from 'lucide-react';
import { type ReactNode, type RefObject, useRef } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { TorrentKey } from '../../../core/base/ids.ts';
import { canPause } from '../../../core/engine/can-pause.ts';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import { IconButton } from '../../parts/icon-button.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { canResume } from '../../stores/list.ts';
import { useActions, useBridge, useUi } from '../../stores/context.tsx';
import { open, ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { takeFiles } from './intake.ts';
import { MoreMenu } from './more-menu.tsx';
import { useNarrow, usePhone } from './use-narrow.ts';
import styles from './toolbar.module.css';

/** Commands, the speed of all downloads, search and settings. */
export function Toolbar(): ReactNode {
  const words = text.toolbar;
  const selected = useUi((state) => state.selected);
  const can = useBridge(useShallow((state) => possible(state.app?.downloads ?? [], selected)));
  const keys = [...selected];
  const actions = useActions();
  return (
    <header className={styles['bar']}>
      <AddButton />
      <Button className={styles['first'] ?? ''} onClick={() => open({ kind: 'paste' })}>
        {words.paste}
      </Button>
      <IconButton
        label={words.resume}
        icon={<Play fill="currentColor" />}
        disabled={!can.resume}
        onClick={() => actions.resume(keys)}
      />
      <IconButton
        label={words.pause}
        icon={<Pause fill="currentColor" />}
        disabled={!can.pause}
        onClick={() => actions.pause(keys)}
      />
      <IconButton
        label={words.remove}
        icon={<X />}
        disabled={!can.remove}
        onClick={() => open({ kind: 'remove', keys })}
      />
      <span className={styles['space']} />
      {can.flow && <Totals />}
      <LimitsButton />
      <DownloadSearch />
      {can.flow && <LayoutSwitch />}
      <span className={styles['more']}>
        <MoreMenu />
      </span>
      <IconButton label={words.links} icon={<Network />} onClick={() => open({ kind: 'links' })} />
      <IconButton
        className={styles['settings'] ?? ''}
        label={words.settings}
        icon={<Settings />}
        onClick={() => open({ kind: 'settings' })}
      />
    </header>
  );
}

/** What makes sense for the selected downloads. */
function possible(
  downloads: readonly DownloadView[],
  selected: ReadonlySet<TorrentKey>,
): Record<'resume' | 'pause' | 'remove' | 'flow', boolean> {
  const chosen = downloads.filter((one) => selected.has(one.key));
  return {
    resume: chosen.some(canResume),
    pause: chosen.some(canPause),
    remove: chosen.length > 0,
    flow: downloads.length > 0,
  };
}

/** Shows the downloads as a table or as a list; a phone has room for the list alone. */
function LayoutSwitch(): ReactNode {
  const layout = useUi((state) => state.layout);
  const phone = usePhone();
  if (phone) return null;
  const [to, label, icon] =
    layout === 'list'
      ? (['table', text.table.toTable, <Table2 key="table" />] as const)
      : (['list', text.table.toList, <Rows3 key="list" />] as const);
  return <IconButton label={label} icon={icon} onClick={() => ui.setState({ layout: to, listOpen: false })} />;
}

function AddButton(): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button tone="primary" className={styles['first'] ?? ''} icon={<Plus />} onClick={() => input.current?.click()}>
        {text.toolbar.add}
      </Button>
      <FileInput inputRef={input} id="add-file" />
    </>
  );
}

/** The system's file dialog, opened by a button. */
export function FileInput(props: {
  readonly inputRef: RefObject<HTMLInputElement | null>;
  readonly id?: string;
}): ReactNode {
  return (
    <input
      ref={props.inputRef}
      id={props.id}
      type="file"
      multiple
      accept=".torrent,application/x-bittorrent"
      hidden
      onChange={(event) => {
        takeFiles([...(event.currentTarget.files ?? [])]);
        // The same file can be chosen again.
        event.currentTarget.value = '';
      }}
    />
  );
}

function Totals(): ReactNode {
  const rates = useBridge(useShallow(({ app }) => ({ down: app?.down ?? 0, up: app?.up ?? 0 })));
  return (
    <span className={styles['totals']}>
      <ArrowDown aria-hidden="true" />
      <span className="visually-hidden">{text.toolbar.down}</span>
      <b>{format.rate(rates.down)}</b>
      <ArrowUp aria-hidden="true" />
      <span className="visually-hidden">{text.toolbar.up}</span>
      <b>{format.rate(rates.up)}</b>
    </span>
  );
}

/** Whether the alternative limits hold, and by hand. */
function LimitsButton(): ReactNode {
  const words = text.limits;
  const on = useBridge((state) => state.app?.alternative ?? false);
  const { alternativeDown = 0, alternativeUp = 0 } = useBridge((state) => state.app?.settings) ?? {};
  const actions = useActions();
  const rate = (limit: number): string => (limit === 0 ? words.none : format.rate(limit));
  return (
    <IconButton
      label={on ? words.inUse(rate(alternativeDown), rate(alternativeUp)) : words.use}
      icon={<Snail />}
      aria-pressed={on}
      onClick={() => actions.useAlternativeLimits(!on)}
    />
  );
}

function DownloadSearch(): ReactNode {
  const search = useUi((state) => state.search);
  const narrow = useNarrow();
  return (
    <SearchField
      id="search"
      label={text.toolbar.search}
      hint={narrow ? text.toolbar.searchShort : text.toolbar.search}
      value={search}
      className={styles['search']}
      onChange={(typed) => ui.setState({ search: typed })}
    />
  );
}
