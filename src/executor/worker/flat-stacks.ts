/** Overlayfs takes at most 500 lowerdirs (fs/overlayfs/super.c). */
const mostLowers = 400;
const flattened = 300;
/** Every mount looks at each of its lowerdirs (24 us), so that the thousandth step would take longer than the first. */
const manyLowers = 100;
const ownTogether = 75;

/** Makes stacks of few enough lowerdirs, by merging the trees of neighbours. Stacks are lists of links, topmost first. */
export class FlatStacks {
	readonly #merge: (links: readonly string[]) => Promise<string>;
	/** Links of merged directories by the links they replace. */
	readonly #merged = new Map<string, Promise<string>>();
	readonly #unreadable = new Set<string>();
	readonly #additions = new Set<string>();

	/** `merge` makes a directory of what layers hold together, without what they delete, and returns its link. */
	constructor(merge: (links: readonly string[]) => Promise<string>) {
		this.#merge = merge;
	}

	/** A layer that deletes something in a way that the driver does not understand. */
	noteUnreadable(link: string): void {
		this.#unreadable.add(link);
	}

	/** A layer of this build that deletes nothing: several of them are one layer when their trees are put together. */
	noteAddition(link: string): void {
		this.#additions.add(link);
	}

	/** Of too many lowerdirs the oldest become one, and so does all below marks that the driver cannot read. */
	async flatten(links: readonly string[]): Promise<string[]> {
		const unreadable = links.findIndex((link) => this.#unreadable.has(link));
		if (unreadable !== -1) return this.flatten([...links.slice(0, unreadable), await this.#mergedOnce(links.slice(unreadable))]);
		const fewer = links.length > manyLowers ? await this.#mergeAdditions(links) : [...links];
		if (fewer.length <= mostLowers) return fewer;
		return this.flatten([...fewer.slice(0, -flattened), await this.#mergedOnce(fewer.slice(-flattened))]);
	}

	/** Every so many neighbouring additions become one directory; mostly they are small. */
	async #mergeAdditions(links: readonly string[]): Promise<string[]> {
		const lowers: string[] = [];
		let together: string[] = [];
		// From below: then they are the same ones for the next step.
		for (const link of links.toReversed()) {
			together.push(link);
			const isAddition = this.#additions.has(link);
			if (isAddition && together.length < ownTogether) continue;
			lowers.push(...(isAddition ? [await this.#mergedOnce(together.toReversed())] : together));
			together = [];
		}
		return [...lowers, ...together].toReversed();
	}

	#mergedOnce(links: readonly string[]): Promise<string> {
		const name = links.join(',');
		const known = this.#merged.get(name) ?? this.#merge(links);
		this.#merged.set(name, known);
		known.catch(() => this.#merged.delete(name));
		return known;
	}
}
