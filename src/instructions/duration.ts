const units: Readonly<Record<string, number>> = {ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9};

/** Nanoseconds of a Go duration (`1m30s`, `500ms`); undefined when it is none or negative. */
export function parseDuration(text: string): number | undefined {
	if (text === '0') return 0;
	if (!/^\+?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/v.test(text)) return undefined;
	let total = 0;
	for (const [, amount = '', unit = ''] of text.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/gv)) total += Number(amount) * (units[unit] ?? 0);
	return total <= 9.2e18 ? Math.round(total) : undefined;
}

/** Go's text of nanoseconds: `1m30s`, `1.5s`, `250ms`; `0s` for none. */
export function printDuration(nanoseconds: number): string {
	if (nanoseconds < 1e9) {
		const [unit, size] = nanoseconds >= 1e6 ? ['ms', 1e6] : nanoseconds >= 1e3 ? ['µs', 1e3] : nanoseconds > 0 ? ['ns', 1] : ['s', 1];
		return `${nanoseconds / Number(size)}${unit}`;
	}
	const minutes = Math.floor(nanoseconds / 60e9);
	const seconds = `${(nanoseconds - minutes * 60e9) / 1e9}s`;
	if (minutes === 0) return seconds;
	return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}

const names: Readonly<Record<string, string>> = {sec: 's', second: 's', min: 'm', minute: 'm', hr: 'h', hour: 'h', msec: 'ms', '': 's'};

/** A Go duration for a number with another unit or without one (`5min`, `2 days`, `30`). */
export function meantDuration(text: string): string | undefined {
	const [, amount = '', unit = ''] = /^([1-9]\d{0,5}) *([a-z]*?)s?$/v.exec(text.toLowerCase()) ?? [];
	if (amount === '') return undefined;
	if (unit === 'd' || unit === 'day') return `${Number(amount) * 24}h`;
	const known = names[unit];
	return known === undefined ? undefined : `${amount}${known}`;
}
