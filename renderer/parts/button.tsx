import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import styles from './button.module.css';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary`: the one action that matters now. */
  readonly tone?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly icon?: ReactNode;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button(props: ButtonProps): ReactNode {
  const { tone = 'plain', icon, className = '', children, type = 'button', ...rest } = props;
  return (
    <button {...rest} type={type} className={`${styles['button']} ${styles[tone]} ${className}`}>
      {icon}
      {children}
    </button>
  );
}
