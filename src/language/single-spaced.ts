/** A text for people: on one line, every white space one space. */
export function singleSpaced(text: string): string {
	return text.replaceAll(/\s+/gv, ' ');
}
