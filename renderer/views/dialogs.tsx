import { lazy, type ReactNode, Suspense } from 'react';
import { useUi } from '../stores/context.tsx';
import { closeDialog } from '../stores/ui-store.ts';
import { AboutDialog } from './frame/about-dialog.tsx';
import { PasteDialog } from './frame/paste-dialog.tsx';
import { RemoveDialog } from './frame/remove-dialog.tsx';

/** Dialogs that nobody sees at the start are loaded when they are first opened. */
const AddDialog = lazy(async () => ({ default: (await import('./add/add-dialog.tsx')).AddDialog }));
const SettingsDialog = lazy(async () => ({ default: (await import('./settings/settings-dialog.tsx')).SettingsDialog }));
const OptionsDialog = lazy(async () => ({ default: (await import('./frame/options-dialog.tsx')).OptionsDialog }));

/** The dialog that is open; torrents that wait get theirs one after the other. */
export function Dialogs(): ReactNode {
  const dialog = useUi((state) => state.dialog);
  const offers = useUi((state) => state.offers);
  const [offer] = offers;
  return (
    <Suspense fallback={null}>
      {offer && <AddDialog key={offer.id} offer={offer} waiting={offers.length - 1} />}
      {dialog?.kind === 'paste' && <PasteDialog onClose={closeDialog} />}
      {dialog?.kind === 'about' && <AboutDialog onClose={closeDialog} />}
      {dialog?.kind === 'settings' && <SettingsDialog onClose={closeDialog} />}
      {dialog?.kind === 'remove' && <RemoveDialog keys={dialog.keys} onClose={closeDialog} />}
      {dialog?.kind === 'options' && <OptionsDialog torrent={dialog.key} onClose={closeDialog} />}
    </Suspense>
  );
}
