import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

/** Every file of a store by path but locks, and what its index says: two listings are equal when nothing came and nothing went. */
export function storeListing(store: string): readonly string[] {
	const paths = readdirSync(store, {recursive: true, encoding: 'utf8', withFileTypes: true})
		.map((entry) => join(entry.parentPath, entry.name).slice(store.length + 1))
		.filter((path) => !/(?:^|\/)(?:\.lock|index\.lock|ids)$/v.test(path));
	return [...paths.sort(), readFileSync(`${store}/index.json`, 'utf8')];
}
