import test, {type ExecutionContext} from 'ava';
import type {Requirement} from './requirement.ts';

type Body = (t: ExecutionContext) => unknown;

/**
 * A test that runs when the requirements hold. One that is skipped has the reason in its title, in the form that test/support/run-tests.mjs
 * reads: `TITLE [skipped: WHY; REMEDY]`, or `[never here: ...]` where skipping is right.
 */
export function when(required: Requirement | readonly Requirement[], title: string, body: Body): void {
	const all = 'holds' in required ? [required] : required;
	const failing = all.filter(({holds}) => !holds);
	// One that can never hold decides: nothing that is installed would help.
	const obstacle = failing.find((requirement) => requirement.never) ?? failing[0];
	if (obstacle === undefined) test.serial(title, body);
	else test.skip(`${title} [${obstacle.never ? 'never here' : 'skipped'}: ${obstacle.why}; ${obstacle.remedy}]`, body);
}
