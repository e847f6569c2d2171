const credentials = /([a-z][a-z0-9+.\-]*:\/\/)([^\s\/@]*(?:@[^\s\/@]*)*)@/giv;

/** A text in which the credentials of every URL are replaced; what may be shown, logged or kept. */
export function redactUrl(text: string): string {
	return text.replaceAll(credentials, '$1xxxxx@');
}

/** The same for texts whose positions count: as many characters as before. */
export function maskCredentials(text: string): string {
	return text.replaceAll(credentials, (_, protocol: string, secret: string) => `${protocol}${'x'.repeat(secret.length)}@`);
}
