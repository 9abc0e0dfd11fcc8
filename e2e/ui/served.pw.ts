import { describeDownloads } from './support/flows.ts';
import { served } from './support/served.ts';

describeDownloads(served);
