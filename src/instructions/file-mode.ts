/** Octal digits up to 7777, or the symbolic form of chmod(1): `u+x,go-w`, `a=rX`. */
export function isMode(text: string): boolean {
	return /^0*[0-7]{1,4}$/v.test(text) || /^[ugoa]*(?:[+=\-](?:[rwxXst]*|[ugo]))+(?:,[ugoa]*(?:[+=\-](?:[rwxXst]*|[ugo]))+)*$/v.test(text);
}
