import { describeDownloads } from './support/flows.ts';
import { development } from './support/electron.ts';

describeDownloads(development);
