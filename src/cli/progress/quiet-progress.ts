import {renderText} from '../../diagnostics/render-text.ts';
import type {Terminal} from '../command.ts';
import type {Progress} from './progress.ts';

/** Nothing but warnings. */
export function quietProgress(terminal: Terminal): Progress {
	const nothing = (): void => {};
	return {
		end: nothing,
		events: {
			warned: (diagnostics) => {
				if (diagnostics.length > 0) terminal.err(renderText(diagnostics));
			},
			planned: nothing,
			workerStarted: nothing,
			stepStarted: nothing,
			stepOutput: nothing,
			stepEnded: nothing,
			exporting: nothing,
			transferred: nothing,
		},
	};
}
