import { useEffect } from 'react';
import { readPasted } from '../../../core/base/pasted.ts';
import type { MenuAction } from '../../../core/bridge/contract.ts';
import { useServices } from '../../stores/context.tsx';
import { ui } from '../../stores/ui-store.ts';
import { takeFiles, takeText } from './intake.ts';
import { carryOut } from './follow-program.ts';

/** Keys with Ctrl (on a Mac, Command), where no native menu has them already. */
const KEYS: Readonly<Record<string, MenuAction>> = { o: 'add', f: 'find', ',': 'settings' };

/** Keyboard shortcuts of the window, and pasting a link or file anywhere but into a field. */
export function useShortcuts(): void {
  const { bridge, actions } = useServices();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const action = event.ctrlKey || event.metaKey ? KEYS[event.key] : undefined;
      const { dialog, batches } = ui.getState();
      if (action === undefined || dialog !== undefined || batches.length > 0) return;
      event.preventDefault();
      carryOut(action, bridge, actions);
    };
    const onPaste = (event: ClipboardEvent): void => {
      const { target } = event;
      const field = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
      if (field || ui.getState().dialog !== undefined) return;
      const files = [...(event.clipboardData?.files ?? [])];
      const content = event.clipboardData?.getData('text/plain') ?? '';
      if (files.length > 0) takeFiles(files);
      else if (isMeant(content)) takeText(content);
    };
    document.addEventListener('keydown', onKey);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('paste', onPaste);
    };
  }, [bridge, actions]);
}

/** Whether a text that was pasted nowhere in particular is about torrents. */
function isMeant(content: string): boolean {
  return readPasted(content).found.some((one) => one.kind === 'magnet' || /\.torrent\b/i.test(one.url));
}
