/** Items with everything they depend on before them, and the first cycle met: from an item back to itself. */
export interface DependencyOrder<T> {
	readonly order: readonly T[];
	readonly cycle?: readonly T[];
}

/** Roots in their order, each behind what it depends on; after a cycle the rest is left out. */
export function dependencyOrder<T>(roots: readonly T[], dependenciesOf: (item: T) => readonly T[]): DependencyOrder<T> {
	const order: T[] = [];
	const finished = new Set<T>();
	const path: {readonly item: T; readonly open: T[]}[] = [];
	const visit = (item: T): void => void path.push({item, open: [...dependenciesOf(item)]});
	for (const root of roots) {
		if (finished.has(root)) continue;
		visit(root);
		for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
			const next = top.open.shift();
			if (next === undefined) {
				path.pop();
				finished.add(top.item);
				order.push(top.item);
			} else if (!finished.has(next)) {
				const start = path.findIndex(({item}) => item === next);
				if (start !== -1) return {order, cycle: [...path.slice(start).map(({item}) => item), next]};
				visit(next);
			}
		}
	}
	return {order};
}
