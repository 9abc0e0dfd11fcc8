import { runPlayer } from '../lab/real/player.ts';

runPlayer();
