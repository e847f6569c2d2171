import type {BuildEvents} from '../../executor/build-events.ts';
import type {Terminal} from '../command.ts';
import {liveProgress} from './live-progress.ts';
import {plainProgress} from './plain-progress.ts';
import {quietProgress} from './quiet-progress.ts';

export interface Progress {
	readonly events: BuildEvents;
	/** Leaves the terminal as it was; call it whatever happens. */
	end(): void;
}

/** The form asked for; `auto` is a live display on a terminal and plain lines elsewhere. */
export function startProgress(form: 'auto' | 'tty' | 'plain' | 'quiet', terminal: Terminal): Progress {
	if (form === 'quiet') return quietProgress(terminal);
	if (form === 'tty' || (form === 'auto' && terminal.columns !== undefined)) return liveProgress(terminal);
	return plainProgress(terminal);
}
