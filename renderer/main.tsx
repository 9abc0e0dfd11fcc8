import { connectProgram } from './bridge/connect.ts';
import { start } from './start.tsx';

start(connectProgram());
