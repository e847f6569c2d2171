import {plainText} from '../../diagnostics/plain-text.ts';
import type {Platform} from '../../oci/image-config.ts';
import {platformText} from '../../plan/platform.ts';
import type {Plan, Step} from '../../plan/plan.ts';

/** Names steps as people see them: `[build 2/5] RUN make`. */
export class StepNames {
	readonly #positions = new Map<number, string>();

	/** `platform`: when there are several; it stands before the stage. */
	plan(plan: Plan, platform?: Platform): void {
		this.#positions.clear();
		const about = platform === undefined ? '' : `${platformText(platform)} `;
		for (const stage of plan.stages) {
			const shown = stage.steps.filter((id) => isShown(plan.steps[id]));
			const name = stage.name ?? `stage-${stage.index}`;
			for (const [index, id] of shown.entries()) this.#positions.set(id, `[${about}${name} ${index + 1}/${shown.length}]`);
		}
	}

	prefix(step: Step): string {
		return this.#positions.get(step.id) ?? `[step ${step.id}]`;
	}

	/** `width` columns at most, when given. */
	title(step: Step, width?: number): string {
		const title = `${this.prefix(step)} ${plainText(step.origin.text.replaceAll(/\s+/gv, ' '))}`;
		return width === undefined || title.length <= width ? title : `${title.slice(0, Math.max(0, width - 1))}…`;
	}
}

function isShown(step: Step | undefined): boolean {
	return step !== undefined && step.op.kind !== 'base' && step.op.kind !== 'config';
}

/** 0.04s, 12.3s, 3m05s. */
export function formatDuration(milliseconds: number): string {
	const seconds = milliseconds / 1000;
	if (seconds < 10) return `${seconds.toFixed(2)}s`;
	if (seconds < 60) return `${seconds.toFixed(1)}s`;
	return `${Math.floor(seconds / 60)}m${String(Math.floor(seconds % 60)).padStart(2, '0')}s`;
}
