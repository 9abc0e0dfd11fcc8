import type { ReactNode } from 'react';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';

/** What this is, and which version. */
export function AboutDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const version = useBridge((state) => state.app?.app.version ?? '');
  return (
    <Dialog
      open
      width="narrow"
      onClose={onClose}
      title={text.product}
      subtitle={text.about.version(version)}
      onSubmit={onClose}
      footer={
        <Button type="submit" tone="primary">
          {text.close}
        </Button>
      }
    >
      <p>{text.about.what}</p>
    </Dialog>
  );
}
