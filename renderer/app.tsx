import { CSPProvider } from '@base-ui/react/csp-provider';
import { Tooltip } from '@base-ui/react/tooltip';
import { type ReactNode, useEffect } from 'react';
import styles from './app.module.css';
import { useBridge, useUi } from './stores/context.tsx';
import { shownIn, ui } from './stores/ui-store.ts';
import { text } from './texts/en.ts';
import { Detail } from './views/detail/detail.tsx';
import { SelectionDetail } from './views/detail/selection-detail.tsx';
import { Dialogs } from './views/dialogs.tsx';
import { DropOverlay } from './views/frame/drop-overlay.tsx';
import { Empty } from './views/frame/empty.tsx';
import { Toasts } from './views/frame/toasts.tsx';
import { Toolbar } from './views/frame/toolbar.tsx';
import { useKeptView } from './views/frame/use-kept-view.ts';
import { useNarrow, usePhone } from './views/frame/use-narrow.ts';
import { useProgram } from './views/frame/use-program.ts';
import { useShortcuts } from './views/frame/use-shortcuts.ts';
import { Sidebar } from './views/list/sidebar.tsx';
import { TablePane } from './views/table/table-pane.tsx';
import { useDownloads } from './views/list/use-listed.ts';

/** The window. */
export function App(): ReactNode {
  const known = useBridge((state) => state.app !== undefined);
  const connection = useBridge((state) => state.connection);
  useProgram();
  useKeptView();
  useShortcuts();
  return (
    <CSPProvider disableStyleElements>
      <Tooltip.Provider>
        <div className={styles['window']}>
          {connection === 'closed' && (
            <p className={styles['lost']} role="alert">
              {text.connection.closed}
            </p>
          )}
          {known && connection === 'connecting' && (
            <p className={styles['lost']} role="status">
              {text.connection.connecting}…
            </p>
          )}
          {known ? <Frame /> : <p className={styles['waiting']}>{text.connection.connecting}…</p>}
        </div>
        <Dialogs />
        <DropOverlay />
        <Toasts />
      </Tooltip.Provider>
    </CSPProvider>
  );
}

function Frame(): ReactNode {
  const narrow = useNarrow();
  const phone = usePhone();
  const empty = useBridge((state) => state.app?.downloads.length === 0);
  const inDetail = useUi((state) => state.inDetail);
  const layout = useUi((state) => state.layout);
  useEffect(() => {
    // What ends it is shown there alone.
    if (!phone) ui.setState({ selecting: false });
  }, [phone]);
  if (layout === 'table' && !phone && !empty) {
    return (
      <div className={`${styles['app']} ${styles['table']}`}>
        <Toolbar />
        <main className={styles['main']}>
          <TablePane>
            <Main />
          </TablePane>
        </main>
      </div>
    );
  }
  const shape = phone ? styles['phone'] : narrow && !empty ? styles['narrow'] : '';
  const detailAlone = phone && (empty || inDetail);
  return (
    <div className={`${styles['app']} ${shape}`}>
      <Toolbar />
      {!detailAlone && <Sidebar narrow={narrow && !phone && !empty} />}
      {(!phone || detailAlone) && <main className={styles['main']}>{empty ? <Empty /> : <Main />}</main>}
    </div>
  );
}

function Main(): ReactNode {
  const shown = useUi(shownIn);
  const selected = useUi((state) => state.selected);
  const downloads = useDownloads();
  const download = downloads.find((one) => one.key === shown);
  if (selected.size > 1) return <SelectionDetail downloads={downloads.filter((one) => selected.has(one.key))} />;
  if (!download) return <p className={styles['waiting']}>{text.empty.nothingChosen}</p>;
  return <Detail download={download} />;
}
