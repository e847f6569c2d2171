import type {View} from '../../rootfs/driver.ts';

/** What stands below a step: a view, and the layers that have come on top of what it shows. */
export interface Below {
	/** Path of the view; null for nothing. */
	readonly path: string | null;
	/** Links of layers on top of that, topmost first. */
	readonly between: readonly string[];
	/** Nobody needs it any more. */
	release(): Promise<void>;
}

interface SharedView {
	readonly links: readonly string[];
	readonly view: Promise<View | undefined>;
	users: number;
}

/** Looking into so many layers takes less than making a view does (0.5 ms of the machine, and waiting for it to go). */
const mostBetween = 12;
const mostKept = 4;

/** Views of stacks, one for several steps that stand on each other. Stacks are lists of links, topmost first. */
export class SharedViews {
	readonly #open: (links: readonly string[]) => Promise<View | undefined>;
	/** The longest unused first. */
	#kept: readonly SharedView[] = [];

	/** `open` makes a view; undefined for no links. */
	constructor(open: (links: readonly string[]) => Promise<View | undefined>) {
		this.#open = open;
	}

	/** A view that shows all of a stack. */
	whole(links: readonly string[]): Promise<Below> {
		return this.#take(links, 0);
	}

	/** One that shows most of it, or none where there is little to show. */
	async nearly(links: readonly string[]): Promise<Below> {
		if (links.length <= mostBetween && this.#below(links, mostBetween) === undefined)
			return {path: null, between: links, release: async () => {}};
		return this.#take(links, mostBetween);
	}

	/** Ends all of them. */
	async close(): Promise<void> {
		const all = this.#kept;
		this.#kept = [];
		for (const {view} of all) await (await view.catch(() => {}))?.close();
	}

	#below(links: readonly string[], most: number): SharedView | undefined {
		return this.#kept.findLast((kept) => isBelow(kept.links, links, most));
	}

	async #take(links: readonly string[], most: number): Promise<Below> {
		const shared = this.#below(links, most) ?? {links, view: this.#open(links), users: 0};
		shared.users += 1;
		this.#kept = [...this.#kept.filter((kept) => kept !== shared), shared];
		try {
			const view = await shared.view;
			const between = links.slice(0, links.length - shared.links.length);
			return {path: view?.path ?? null, between, release: () => this.#release(shared)};
		} catch (error) {
			shared.users -= 1;
			this.#kept = this.#kept.filter((kept) => kept !== shared);
			throw error;
		}
	}

	async #release(shared: SharedView): Promise<void> {
		shared.users -= 1;
		const unused = this.#kept.filter(({users}) => users === 0);
		const gone = unused.slice(0, Math.max(0, this.#kept.length - mostKept));
		this.#kept = this.#kept.filter((kept) => !gone.includes(kept));
		for (const {view} of gone) await (await view)?.close();
	}
}

/** Whether the one stack is the other without at most so many layers. */
function isBelow(one: readonly string[], other: readonly string[], most: number): boolean {
	const more = other.length - one.length;
	return more >= 0 && more <= most && one.every((link, at) => link === other[at + more]);
}

/** What is below a step, looked for when somebody first needs it. */
export class LateView {
	readonly #views: SharedViews;
	readonly #links: readonly string[];
	readonly #taken: Promise<Below>[] = [];
	#whole: Promise<Below> | undefined;
	#nearly: Promise<Below> | undefined;

	constructor(views: SharedViews, links: readonly string[]) {
		this.#views = views;
		this.#links = links;
	}

	/** A view of all. */
	whole(): Promise<Below> {
		this.#whole ??= this.#take(this.#views.whole(this.#links));
		return this.#whole;
	}

	/** A view, and layers on top of it. */
	nearly(): Promise<Below> {
		this.#nearly ??= this.#whole ?? this.#take(this.#views.nearly(this.#links));
		return this.#nearly;
	}

	async close(): Promise<void> {
		for (const taken of this.#taken) await (await taken.catch(() => {}))?.release();
	}

	#take(taken: Promise<Below>): Promise<Below> {
		// Who needs it sees the failure.
		taken.catch(() => {});
		this.#taken.push(taken);
		return taken;
	}
}
