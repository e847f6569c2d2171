export interface PasswdLine {
	readonly name: string;
	readonly uid: number;
	readonly gid: number;
	readonly home: string;
}

export interface GroupLine {
	readonly name: string;
	readonly gid: number;
	readonly members: readonly string[];
}

/** Largest id that USER and --chown take (as runc's user package has it). */
export const largestId = 2147483647;

/** The usable lines of an /etc/passwd; broken lines are left out, as libc does. */
export function parsePasswd(text: string): PasswdLine[] {
	return fields(text).flatMap(([name = '', , uid, gid, , home = '']) => {
		const [user, group] = [parseId(uid), parseId(gid)];
		return name === '' || user === undefined || group === undefined ? [] : [{name, uid: user, gid: group, home}];
	});
}

/** The usable lines of an /etc/group. */
export function parseGroup(text: string): GroupLine[] {
	return fields(text).flatMap(([name = '', , gid, members = '']) => {
		const group = parseId(gid);
		return name === '' || group === undefined
			? []
			: [
					{
						name,
						gid: group,
						members: members
							.split(',')
							.map((member) => member.trim())
							.filter((member) => member !== ''),
					},
				];
	});
}

/** A decimal id in range. */
export function parseId(text: string | undefined): number | undefined {
	if (text === undefined || !/^\d{1,10}$/v.test(text)) return undefined;
	const value = Number(text);
	return value <= largestId ? value : undefined;
}

function fields(text: string): string[][] {
	return text
		.split('\n')
		.map((line) => line.trim())
		.filter((line) => line !== '' && !line.startsWith('#'))
		.map((line) => line.split(':'));
}
