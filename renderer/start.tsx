import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { BridgeClient } from '../core/bridge/contract.ts';
import { App } from './app.tsx';
import { createServices } from './services.ts';
import { ServicesProvider } from './stores/context.tsx';
import { setAppearance } from './stores/theme.ts';
import './styles/tokens.css';
import './styles/base.css';

/** Puts the application into the page, in front of a program. */
export function start(client: BridgeClient): void {
  const services = createServices(client);
  setAppearance('system');
  const root = document.getElementById('root');
  if (!root) throw new Error('The page has no element "root".');
  createRoot(root).render(
    <StrictMode>
      <ServicesProvider services={services}>
        <App />
      </ServicesProvider>
    </StrictMode>,
  );
}
