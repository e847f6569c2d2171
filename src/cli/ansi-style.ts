import type {Severity} from '../diagnostics/diagnostic.ts';
import type {Style} from '../diagnostics/render-text.ts';

const colours: Readonly<Record<Severity, number>> = {error: 31, warning: 33, note: 36};

function paint(code: number): (text: string) => string {
	return (text) => `\u{1b}[${code}m${text}\u{1b}[0m`;
}

/** Colours for terminals; every text says the same without them. */
export const ansiStyle: Style = {
	severity: (text, severity) => paint(colours[severity])(text),
	gutter: paint(34),
	mark: (text, severity) => paint(colours[severity])(text),
	strong: paint(1),
};
