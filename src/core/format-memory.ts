import {formatBytes} from './format-bytes.ts';

/** Memory as people ask for it: 512 MiB when it is a whole number of those, else in decimal units. */
export function formatMemory(bytes: number): string {
	for (const [unit, size] of [
		['GiB', 1024 ** 3],
		['MiB', 1024 ** 2],
	] as const) {
		if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`;
	}
	return formatBytes(bytes);
}
