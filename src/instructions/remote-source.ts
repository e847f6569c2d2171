/** A URL or a git repository, as BuildKit tells them from paths. */
export function isRemote(text: string): boolean {
	return /^(?:https?|ftp|git|ssh):\/\//iv.test(text) || /^[\w.\-]+@[\w.\-]+:/v.test(text);
}

/** A repository that git asks SSH for. */
export function isSshRepository(text: string): boolean {
	return isRemote(text) && !/^(?:https?|ftp|git):\/\//iv.test(text);
}

/** A remote source that is a git repository: by its protocol, or an HTTP URL whose path ends with `.git`. */
export function isGitRepository(text: string): boolean {
	return isRemote(text) && (!/^(?:https?|ftp):/iv.test(text) || /^https?:\/\/[^?#]+\.git(?:[?#]|$)/iv.test(text));
}
