import { X } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { Button } from '../../parts/button.tsx';
import { IconButton } from '../../parts/icon-button.tsx';
import { useActions, useBridge, useUi } from '../../stores/context.tsx';
import type { Toast } from '../../stores/toasts.ts';
import { dismiss } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './toasts.module.css';

/** How long a notice stays, in milliseconds; what went wrong stays until it is dismissed. */
const STAYS = 6000;

/** What happened and what went wrong, one sentence each. */
export function Toasts(): ReactNode {
  const toasts = useUi((state) => state.toasts);
  return (
    <section className={styles['stack']} aria-label={text.notice.label}>
      {toasts.map((toast) => (
        <OneToast key={toast.id} toast={toast} />
      ))}
    </section>
  );
}

function OneToast({ toast }: { readonly toast: Toast }): ReactNode {
  const actions = useActions();
  const showsFiles = useBridge((state) => state.app?.app.shell.showsFiles ?? false);
  const { id, tone, message, reveal } = toast;
  useEffect(() => {
    if (tone === 'bad') return;
    const timer = setTimeout(() => dismiss(id), STAYS);
    return () => clearTimeout(timer);
  }, [id, tone]);
  return (
    <div className={`${styles['toast']} ${styles[tone]}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <span className={styles['message']}>{message}</span>
      {reveal !== undefined && showsFiles && (
        <Button onClick={() => actions.reveal(reveal)}>{text.detail.assemble.reveal}</Button>
      )}
      <IconButton tone="quiet" label={text.notice.dismiss} icon={<X />} onClick={() => dismiss(id)} />
    </div>
  );
}
