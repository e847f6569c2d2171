/** The result of a command that has to succeed. */
export function check(result, what) {
	if (result.status !== 0) throw new Error(`${what} fails (${result.signal ?? result.status}):\n${result.lastLines}`);
	return result;
}
