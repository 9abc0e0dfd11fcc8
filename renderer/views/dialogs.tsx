import { lazy, type ReactNode, Suspense } from 'react';
import { useUi } from '../stores/context.tsx';
import { closeDialog } from '../stores/ui-store.ts';
import { AboutDialog } from './frame/about-dialog.tsx';
import { PasteDialog } from './frame/paste-dialog.tsx';
import { RemoveDialog } from './frame/remove-dialog.tsx';

/** Dialogs that nobody sees at the start are loaded when they are first opened. */
const AddDialog = lazy(async () => ({ default: (await import('./add/add-dialog.tsx')).AddDialog }));
const ManyDialog = lazy(async () => ({ default: (await import('./add/many/many-dialog.tsx')).ManyDialog }));
const SettingsDialog = lazy(async () => ({ default: (await import('./settings/settings-dialog.tsx')).SettingsDialog }));
const LinksDialog = lazy(async () => ({ default: (await import('./frame/links-dialog.tsx')).LinksDialog }));
const CreateDialog = lazy(async () => ({ default: (await import('./create/create-dialog.tsx')).CreateDialog }));
const ImportDialog = lazy(async () => ({ default: (await import('./import/import-dialog.tsx')).ImportDialog }));
const PlayerDialog = lazy(async () => ({ default: (await import('./detail/player-dialog.tsx')).PlayerDialog }));
const MoveDialog = lazy(async () => ({ default: (await import('./frame/move-dialog.tsx')).MoveDialog }));
const RenameDialog = lazy(async () => ({ default: (await import('./files/rename-dialog.tsx')).RenameDialog }));
const TrackersDialog = lazy(async () => ({ default: (await import('./frame/trackers-dialog.tsx')).TrackersDialog }));
const WaysDialog = lazy(async () => ({ default: (await import('./frame/ways-dialog.tsx')).WaysDialog }));
const PeerDialog = lazy(async () => ({ default: (await import('./frame/peer-dialog.tsx')).PeerDialog }));
const ExportDialog = lazy(async () => ({ default: (await import('./frame/export-dialog.tsx')).ExportDialog }));
const OptionsDialog = lazy(async () => ({ default: (await import('./frame/options-dialog.tsx')).OptionsDialog }));

/** The dialog that is open; what waits to be added gets its own one after the other. */
export function Dialogs(): ReactNode {
  const dialog = useUi((state) => state.dialog);
  const batches = useUi((state) => state.batches);
  const [batch, ...others] = batches;
  const waiting = others.reduce((sum, { offers }) => sum + offers.length, 0);
  const single = batch?.offers.length === 1 ? batch.offers[0] : undefined;
  return (
    <Suspense fallback={null}>
      {batch && single && <AddDialog key={batch.id} batch={batch.id} offer={single} waiting={waiting} />}
      {batch && !single && <ManyDialog key={batch.id} batch={batch} waiting={waiting} />}
      {dialog?.kind === 'paste' && <PasteDialog onClose={closeDialog} />}
      {dialog?.kind === 'create' && <CreateDialog onClose={closeDialog} />}
      {dialog?.kind === 'import' && <ImportDialog onClose={closeDialog} />}
      {dialog?.kind === 'about' && <AboutDialog onClose={closeDialog} />}
      {dialog?.kind === 'settings' && <SettingsDialog first={dialog.tab} onClose={closeDialog} />}
      {dialog?.kind === 'links' && <LinksDialog onClose={closeDialog} />}
      {dialog?.kind === 'remove' && (
        <RemoveDialog keys={dialog.keys} data={dialog.data ?? false} onClose={closeDialog} />
      )}
      {dialog?.kind === 'trackers' && <TrackersDialog torrent={dialog.key} onClose={closeDialog} />}
      {dialog?.kind === 'ways' && <WaysDialog torrent={dialog.key} onClose={closeDialog} />}
      {dialog?.kind === 'peer' && <PeerDialog torrent={dialog.key} onClose={closeDialog} />}
      {dialog?.kind === 'export' && <ExportDialog torrent={dialog.key} onClose={closeDialog} />}
      {dialog?.kind === 'move' && <MoveDialog keys={dialog.keys} onClose={closeDialog} />}
      {dialog?.kind === 'rename' && (
        <RenameDialog torrent={dialog.key} path={dialog.path} name={dialog.name} onClose={closeDialog} />
      )}
      {dialog?.kind === 'player' && <PlayerDialog name={dialog.name} url={dialog.url} onClose={closeDialog} />}
      {dialog?.kind === 'options' && <OptionsDialog keys={dialog.keys} onClose={closeDialog} />}
    </Suspense>
  );
}
