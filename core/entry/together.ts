import type { HostNeeds } from '../identity/host-needs.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import { isTogether, TogetherDownload } from '../lone/together-download.ts';
import { listenHttp } from '../node/http-listener.ts';
import { NodeProcessFacts } from '../node/process-facts.ts';
import type { Ports } from '../ports/ports.ts';
import { bucketServer } from './bucket-server.ts';
import { CLIENT, VERSION } from './version.ts';

/** What hosts a download that is shared out with other machines; undefined: it needs none of them. */
export function hostTogether(ports: Ports, setup: DownloadSetup, host: HostNeeds): TogetherDownload | undefined {
  if (!isTogether(setup)) return undefined;
  const program = { client: CLIENT, version: VERSION };
  const more = { processFacts: new NodeProcessFacts(), program, buckets: bucketServer, listen: listenHttp };
  return new TogetherDownload({ ...ports, ...more }, setup, host);
}
