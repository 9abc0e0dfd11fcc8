import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The window's page; also `npx vite renderer` for a look at it without a program (`/fake.html`). */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome130',
    modulePreload: { polyfill: false },
    // Nothing inline: the content security policy forbids it.
    assetsInlineLimit: 0,
  },
  server: { fs: { allow: ['..'] } },
});
