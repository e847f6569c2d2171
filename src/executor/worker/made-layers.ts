import type {ComingStack, ExecReply, LayerReference, Stack} from './protocol.ts';

/** The layers of commands that were asked for, for those that were asked for before it was known. */
export class MadeLayers {
	readonly #replies = new Map<number, Promise<ExecReply>>();

	/** Runs the command of a step; a later one of the same number takes its place. */
	note(step: number, run: () => Promise<ExecReply>): Promise<ExecReply> {
		const reply = run();
		this.#replies.set(step, reply);
		return reply;
	}

	/** The stack with the layers of commands that have ended by then; throws when one has failed, so that nothing runs on it. */
	async settle({host, layers}: ComingStack): Promise<Stack> {
		const settled = await Promise.all(layers.map(async (layer) => ('step' in layer ? this.#layerOf(layer.step) : [layer])));
		return {host, layers: settled.flat()};
	}

	async #layerOf(step: number): Promise<readonly LayerReference[]> {
		const reply = await this.#replies.get(step);
		if (reply?.kind !== 'done') throw new Error(`the command of step ${step} has made no layer`);
		const {pending} = reply.layer;
		return pending === undefined ? [] : [{pending}];
	}
}
