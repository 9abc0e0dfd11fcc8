import { Dialog as Base } from '@base-ui/react/dialog';
import { type FocusEvent, type ReactNode, type RefObject, useRef } from 'react';
import styles from './dialog.module.css';

export interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** Under the title; also its description. */
  readonly subtitle?: ReactNode;
  readonly children: ReactNode;
  readonly footer: ReactNode;
  readonly width?: 'narrow' | 'wide' | 'large';
  /** What is focused when it opens; by default the first control. */
  readonly initialFocus?: RefObject<HTMLElement | null>;
  /** Called on Enter in a field, or on the footer's submit button. */
  readonly onSubmit?: () => void;
}

/** A dialog over the window: title, content that scrolls, and actions that stay in sight. */
export function Dialog(props: DialogProps): ReactNode {
  const { open, onClose, title, subtitle, children, footer, width = 'wide', initialFocus, onSubmit } = props;
  const begun = useRef(false);
  /** What stands in the field that is focused first is selected: what is typed replaces it. */
  const onFocus = ({ target }: FocusEvent): void => {
    if (begun.current) return;
    begun.current = true;
    // A field may have selected a part of it by itself.
    if (target instanceof HTMLInputElement && target.selectionStart === target.selectionEnd) target.select();
  };
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles['veil']} />
        <Base.Popup
          className={`${styles['popup']} ${styles[width]}`}
          {...(initialFocus === undefined ? {} : { initialFocus })}
          onFocus={onFocus}
        >
          <form
            className={styles['form']}
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              // Of a dialog over this one: React has it bubble to where that stands in the tree.
              event.stopPropagation();
              onSubmit?.();
            }}
          >
            <div className={styles['head']}>
              <Base.Title className={styles['title']}>{title}</Base.Title>
              {subtitle !== undefined && (
                <Base.Description className={styles['subtitle']} render={<div />}>
                  {subtitle}
                </Base.Description>
              )}
            </div>
            <div className={styles['body']}>{children}</div>
            <div className={styles['foot']}>{footer}</div>
          </form>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
