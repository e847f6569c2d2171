/** `USER:PASSWORD` of a URL, percent-encoding undone; undefined when it has neither. */
export function credentialsOf({username, password}: URL): string | undefined {
	return username === '' && password === '' ? undefined : `${decoded(username)}:${decoded(password)}`;
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		// A `%` that encodes nothing stands for itself.
		return text;
	}
}
