import { describeDownloads } from './support/flows.ts';
import { packaged } from './support/electron.ts';

describeDownloads(packaged);
