import type { MessagePortMain, WebContents } from 'electron';
import type { BridgeTransport } from '../core/bridge/contract.ts';
import { portTransport } from '../core/bridge/line/transports.ts';

/** A window's line to the program: ends when its page is left, its process dies, or the window is closed. */
export function windowTransport(port: MessagePortMain, contents: WebContents): BridgeTransport {
  const transport = portTransport(port, ({ message, closed }) => {
    port.on('message', ({ data }) => message(data));
    port.on('close', closed);
    port.start();
  });
  const end = (): void => transport.close();
  const left = ({ isMainFrame, isSameDocument }: { isMainFrame: boolean; isSameDocument: boolean }): void => {
    if (isMainFrame && !isSameDocument) end();
  };
  contents.once('destroyed', end);
  contents.once('render-process-gone', end);
  contents.on('did-start-navigation', left);
  transport.onClose(() => {
    if (contents.isDestroyed()) return;
    contents.off('destroyed', end);
    contents.off('render-process-gone', end);
    contents.off('did-start-navigation', left);
  });
  return transport;
}
