import { type ReactNode, useEffect } from 'react';
import { SampleMap } from '../../pieces/sample-map.tsx';
import { useBridge, useUi } from '../../stores/context.tsx';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './drop-overlay.module.css';
import { dragsRows } from '../list/queue-drag.ts';
import { takeDrop } from './intake.ts';

/** Files can be dropped anywhere; while they are above the window, it says so. */
export function DropOverlay(): ReactNode {
  const dragging = useUi((state) => state.dragging);
  const empty = useBridge((state) => state.app?.downloads.length === 0);
  useEffect(listenForDrops, []);
  if (!dragging) return null;
  return (
    <div className={`${styles['veil']} ${empty ? styles['empty'] : ''}`}>
      <div className={styles['box']} role="status">
        <SampleMap />
        <strong className={styles['title']}>{text.drop.title}</strong>
        <span>{text.drop.hint}</span>
      </div>
    </div>
  );
}

function listenForDrops(): () => void {
  // Enter and leave come for each element below the pointer.
  let depth = 0;
  const stop = new AbortController();
  const on = (type: 'dragenter' | 'dragover' | 'dragleave' | 'drop', listener: (event: DragEvent) => void): void =>
    document.addEventListener(type, (event) => dragsRows(event) || listener(event), { signal: stop.signal });
  on('dragenter', (event) => {
    event.preventDefault();
    depth++;
    ui.setState({ dragging: true });
  });
  on('dragover', (event) => {
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
  });
  on('dragleave', () => {
    depth = Math.max(0, depth - 1);
    if (depth === 0) ui.setState({ dragging: false });
  });
  on('drop', (event) => {
    event.preventDefault();
    depth = 0;
    ui.setState({ dragging: false });
    if (event.dataTransfer) takeDrop(event.dataTransfer);
  });
  return () => stop.abort();
}
