import { type ReactNode, useState } from 'react';
import { useBridge, useServices } from '../../stores/context.tsx';
import { sayError } from '../../stores/ui-store.ts';
import { FolderBrowser } from './folder-browser.tsx';

/** Has the user choose a folder: in the system's dialog or, where there is none, in our own, which `browser` is while it is open. */
export function useFolderChoice(
  start: string,
  onChoose: (folder: string) => void,
  words?: { readonly title: string; readonly confirm: string },
): { readonly choose: () => void; readonly browser: ReactNode } {
  const { client } = useServices();
  const [browsing, setBrowsing] = useState(false);
  const system = useBridge((state) => state.app?.app.shell.folderDialog ?? false);
  const choose = (): void => {
    if (!system) {
      setBrowsing(true);
      return;
    }
    client
      .call('chooseFolder', { start: start === '' ? null : start })
      .then((folder) => folder !== null && onChoose(folder), sayError);
  };
  const browser = browsing && (
    <FolderBrowser
      start={start}
      {...words}
      onClose={() => setBrowsing(false)}
      onChoose={(folder) => {
        onChoose(folder);
        setBrowsing(false);
      }}
    />
  );
  return { choose, browser };
}
