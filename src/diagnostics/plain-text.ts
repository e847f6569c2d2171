/** Foreign text without control sequences and control characters: nothing in it can move a cursor or set a colour. */
export function plainText(text: string): string {
	return text
		.replaceAll(/\x1B(?:\[[0-?]*[ -\/]*[@-~]|\][^\x07\x1B]*(?:\x07|\x1B\\)?|[@-Z\\\^_a-z])/gv, '')
		.replaceAll(/[\x00-\x08\x0B-\x1F\x7F-\x9F\uFEFF\u202A-\u202E\u2066-\u2069]/gv, '');
}

/** The same on one line. */
export function plainLine(text: string): string {
	return plainText(text).replaceAll('\n', ' ');
}
