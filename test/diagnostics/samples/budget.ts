import * as budget from '../../../src/diagnostics/budget.ts';
import type {Diagnostic, Label} from '../../../src/diagnostics/diagnostic.ts';

const text = 'FROM debian\nCHECK --max-size=120MB --no-setuid --no-path=/root/.cache\n';
const at = (part: string): Label => {
	const start = text.indexOf(part);
	return {source: {name: 'Boxfile', text}, span: {start, end: start + part.length}};
};
const files = Array.from({length: 7}, (_, index) => `/usr/bin/tool${index} (mode 4755)`);

export const samples: readonly Diagnostic[] = [
	budget.budgetSize(at('--max-size=120MB'), {
		size: 180_224_000,
		limit: {bytes: 120_000_000, text: '120MB'},
		layers: [
			{size: 170_000_000, madeBy: 'FROM debian'},
			{size: 10_224_000, madeBy: 'RUN make install'},
		],
	}),
	budget.budgetSetuid(at('--no-setuid'), files.slice(0, 1)),
	budget.budgetSetuid(at('--no-setuid'), files),
	budget.budgetPath(at('--no-path=/root/.cache'), '/root/.cache', ['/root/.cache']),
];
