// oxlint-disable-next-line no-control-regex -- control sequences are what this is about (ECMA-48: CSI, OSC, two-character ones)
const sequences = /\x1B(?:\[[0-?]*[ -\/]*[@-~]|\][^\x07\x1B]*(?:\x07|\x1B\\)?|[@-Z\\^_a-z])/gv;

/** Foreign text without control sequences and control characters: nothing in it can move a cursor or set a colour. */
export function plainText(text: string): string {
	return text.replaceAll(sequences, '').replaceAll(/[[\p{Cc}\p{Bidi_Control}\uFEFF]--[\t\n]]/gv, '');
}

/** The same on one line. */
export function plainLine(text: string): string {
	return plainText(text).replaceAll('\n', ' ');
}
