import {redactUrl} from '../core/redact-url.ts';
import {baseName} from './base-reference.ts';
import type {CopyFrom, CopySource, Op, Plan, Step} from './plan.ts';
import {platformText} from './platform.ts';

/** The plan as text, one line a step: number, stage, what it starts from, what it does. */
export function printPlan({steps, stages, target}: Plan): string {
	const lines = stages.flatMap((stage) => {
		const title = `stage ${stage.index}${stage.name === undefined ? '' : ` ${stage.name}`}${stage.index === target ? ' (target)' : ''}`;
		const own = stage.steps.flatMap((id) => steps[id] ?? []);
		return [title, ...own.map(printStep)];
	});
	return lines.map((line) => `${line}\n`).join('');
}

function printStep({id, op, origin}: Step): string {
	return `  ${id}  ${printOp(op) ?? origin.text}`;
}

function printOp(op: Op): string | undefined {
	switch (op.kind) {
		case 'base':
			return op.base.kind === 'step' ? `base of step ${op.base.step}` : `base ${baseName(op.base)} ${platformText(op.platform)}`;
		case 'exec':
			return `${op.discard === true ? 'check' : 'exec'} ${JSON.stringify(op.args)} in ${op.cwd}${op.user === '' ? '' : ` as ${op.user}`}${op.network === 'none' ? ' without network' : ''}${op.insecure === undefined ? '' : ' without sandbox'}${(op.mounts ?? []).map(({kind}) => ` with ${kind} mount`).join('')}`;
		case 'copy': {
			const sources = op.sources.map(printSource);
			return `${op.unpack ? 'copy and unpack' : 'copy'} ${sources.join(' ')} from ${printFrom(op.from)} to ${op.destination}`;
		}
		case 'make-directory':
			return `make directory ${op.path}`;
		case 'budgets':
		case 'config':
			return undefined;
	}
}

function printSource(source: CopySource): string {
	switch (source.kind) {
		case 'path':
			return source.pattern || '.';
		case 'inline':
			return `<<${source.name}`;
		case 'url':
			return redactUrl(source.url);
		case 'git':
			return redactUrl(source.repository);
	}
}

function printFrom(from: CopyFrom): string {
	if (from.kind === 'context') {
		if (from.boxfile !== undefined) return `the directory of ${from.boxfile}`;
		return from.name === undefined ? 'the context' : `context ${from.name}`;
	}
	return from.kind === 'step' ? `step ${from.step}` : baseName(from.base);
}
