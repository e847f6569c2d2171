/** A URL or a git repository, as BuildKit tells them from paths. */
export function isRemote(text: string): boolean {
	return /^(?:https?|ftp|git|ssh):\/\//iv.test(text) || /^[\w.\-]+@[\w.\-]+:/v.test(text);
}
