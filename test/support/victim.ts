import type {ExecutionContext} from 'ava';
import {chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import type {Workplace} from './workplace.ts';

/** What only the person who builds may read. */
export const privateText = 'the-private-words-of-the-builder-77d2';

/** A directory outside of everything that a build may touch, which the builder could read, change and delete. */
export class Victim {
	readonly directory: string;
	readonly file: string;
	readonly #before: string;

	constructor(place: Workplace) {
		this.directory = place.fresh('victim');
		this.file = `${this.directory}/file`;
		mkdirSync(`${this.directory}/sub`, {recursive: true});
		writeFileSync(this.file, `${privateText}\n`, {mode: 0o600});
		writeFileSync(`${this.directory}/empty`, '');
		chmodSync(this.directory, 0o755);
		this.#before = this.#look();
	}

	/** Nothing was read into any of the texts, and nothing here was made, changed or deleted. */
	isUntouched(t: ExecutionContext, what: string, ...texts: readonly string[]): void {
		t.is(this.#look(), this.#before, what);
		for (const text of texts) t.false(text.includes(privateText), `${what}\n${text}`);
	}

	#look(): string {
		const lines = ['', '/file', '/empty', '/sub'].map((path) => {
			const {mode, uid, gid, mtimeMs, size, nlink} = lstatSync(this.directory + path);
			return [path, mode, uid, gid, mtimeMs, size, nlink].join(' ');
		});
		return [...lines, ...readdirSync(this.directory).sort(), ...readdirSync(`${this.directory}/sub`), readFileSync(this.file, 'utf8')].join(
			'\n',
		);
	}
}
