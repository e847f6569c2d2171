const units: Readonly<Record<string, number>> = {ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9};

/** Nanoseconds of a Go duration (`1m30s`, `500ms`); undefined when it is none or negative. */
export function parseDuration(text: string): number | undefined {
	if (text === '0') return 0;
	if (!/^\+?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/v.test(text)) return undefined;
	let total = 0;
	for (const [, amount = '', unit = ''] of text.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/gv)) total += Number(amount) * (units[unit] ?? 0);
	return total <= 9.2e18 ? Math.round(total) : undefined;
}
