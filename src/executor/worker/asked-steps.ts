import type {ComingStack, ExecReply, LayerReference, Stack} from './protocol.ts';

/** Where the command of a step runs. */
export interface Standing {
	readonly stack: Stack;
	/** Links of the layers of whatever comes on top, topmost first: its own layer and those that it has below. */
	readonly lowers: readonly string[];
}

interface AskedStep {
	readonly reply: Promise<ExecReply>;
	/** Stays open when it never starts. */
	readonly standing: Promise<Standing>;
}

/** Commands that were asked for, for those that were asked for before these have ended. */
export class AskedSteps {
	readonly #steps = new Map<number, AskedStep>();

	/** Runs the command of a step; a later one of the same number takes its place. */
	note(step: number, run: (started: (standing: Standing) => void) => Promise<ExecReply>): Promise<ExecReply> {
		let started: (standing: Standing) => void = () => {};
		const standing = new Promise<Standing>((resolve) => {
			started = resolve;
		});
		const reply = run(started);
		this.#steps.set(step, {reply, standing});
		return reply;
	}

	/** The stack with the layers of commands that have ended by then; throws when one has failed, so that nothing runs on it. */
	async settle({host, layers}: ComingStack): Promise<Stack> {
		const settled = await Promise.all(layers.map(async (layer) => ('step' in layer ? this.#layerOf(layer.step) : [layer])));
		return {host, layers: settled.flat()};
	}

	/** Where the command runs whose layer will be the topmost; undefined when all layers are there. */
	below({layers}: ComingStack): Promise<Standing> | undefined {
		const top = layers.at(-1);
		return top !== undefined && 'step' in top ? this.#steps.get(top.step)?.standing : undefined;
	}

	async #layerOf(step: number): Promise<readonly LayerReference[]> {
		const reply = await this.#steps.get(step)?.reply;
		if (reply?.kind !== 'done') throw new Error(`the command of step ${step} has made no layer`);
		const {pending} = reply.layer;
		return pending === undefined ? [] : [{pending}];
	}
}
