/** One way of showing who asks that a server offers (RFC 9110, 11.3). Names of parameters are in lower case. */
export interface Challenge {
	/** In lower case. */
	readonly scheme: string;
	readonly parameters: Readonly<Record<string, string>>;
}

/** RFC 9110, 5.6.2; \x26 is an ampersand, \x5E a circumflex, \x60 a backquote, \x7C a bar. */
const token = /[\w!#$%\x26'*+.\x5E\x60\x7C~\-]+/vy;
const quoted = /"((?:[^"\\]|\\.)*)"/svy;
const gap = /[ \t,]*/vy;
const equals = /[ \t]*=[ \t]*/vy;

/** The challenges of a WWW-Authenticate header; what does not follow the grammar ends the list. */
export function parseChallenges(header: string): readonly Challenge[] {
	const found: {scheme: string; parameters: Record<string, string>}[] = [];
	let at = 0;
	const take = (pattern: RegExp): RegExpExecArray | null => {
		pattern.lastIndex = at;
		const match = pattern.exec(header);
		if (match !== null) at = pattern.lastIndex;
		return match;
	};
	while (at < header.length) {
		take(gap);
		const name = take(token)?.[0].toLowerCase();
		if (name === undefined) break;
		const current = found.at(-1);
		// A token that `=` follows is a parameter of the scheme before it.
		if (current === undefined || take(equals) === null) {
			found.push({scheme: name, parameters: Object.create(null) as Record<string, string>});
			continue;
		}
		const value = take(quoted)?.[1]?.replaceAll(/\\(.)/gsv, '$1') ?? take(token)?.[0];
		if (value === undefined) break;
		current.parameters[name] ??= value;
	}
	return found;
}
