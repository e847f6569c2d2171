import type {Diagnostic} from './diagnostic.ts';

export function internalBug(stack: string): Diagnostic {
	return {
		code: 'internal/bug',
		severity: 'error',
		message: 'boxbuild has a bug',
		because: [stack],
		help: ['report it with the text above and the Boxfile'],
		data: {},
	};
}
