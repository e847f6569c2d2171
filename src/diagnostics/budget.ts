import {formatBytes} from '../core/format-bytes.ts';
import type {Diagnostic, Label} from './diagnostic.ts';
import {plainLine} from './plain-text.ts';

/** Layers and paths that are shown; the rest is counted. */
const shown = 5;

export function budgetSize(
	primary: Label,
	{
		size,
		limit,
		layers,
	}: {
		readonly size: number;
		readonly limit: {readonly bytes: number; readonly text: string};
		readonly layers: readonly {readonly size: number; readonly madeBy: string}[];
	},
): Diagnostic {
	const largest = [...layers].sort((a, b) => b.size - a.size).slice(0, shown);
	return {
		code: 'step/budget-size',
		severity: 'error',
		message: `the image is larger than ${limit.text}`,
		primary,
		because: [
			`${layers.length === 1 ? 'its layer has' : `its ${layers.length} layers have`} ${size} bytes unpacked, and ${limit.bytes} are allowed`,
			...largest.map((layer) => `${formatBytes(layer.size)}: ${plainLine(layer.madeBy)}`),
		],
		help: ['delete what is not needed in the step that makes it, or copy what is needed from a build stage'],
		data: {size, limit: limit.bytes},
	};
}

/** `files` are paths with their modes. */
export function budgetSetuid(primary: Label, files: readonly string[]): Diagnostic {
	return {
		code: 'step/budget-setuid',
		severity: 'error',
		message: `${files.length === 1 ? 'a file runs' : `${files.length} files run`} with the rights of its owner or group`,
		primary,
		because: listed(files),
		help: ['take the bits away in an earlier step: `RUN find / -xdev -type f -perm /6000 -exec chmod a-s {} +`'],
		data: {count: files.length},
	};
}

export function budgetPath(primary: Label, pattern: string, paths: readonly string[]): Diagnostic {
	return {
		code: 'step/budget-path',
		severity: 'error',
		message: `the image holds what \`${plainLine(pattern)}\` forbids`,
		primary,
		because: listed(paths),
		help: ['delete it in the step that makes it, or leave it out of the COPY with `--exclude`'],
		data: {count: paths.length},
	};
}

function listed(items: readonly string[]): readonly string[] {
	const rest = items.length - shown;
	return [...items.slice(0, shown).map(plainLine), ...(rest > 0 ? [`and ${rest} more`] : [])];
}
