import * as lint from '../../diagnostics/lint.ts';
import type {LintRule} from '../lint-rule.ts';
import {baseImage} from '../lint-facts.ts';

/** The base image is for another platform than the stage. */
export const basePlatform: LintRule = {
	name: 'base-platform',
	buildkit: 'InvalidBaseImagePlatform',
	severity: 'warning',
	summary: 'the base image is for another platform than the stage',
	check: ({source}, facts) =>
		facts.stages.flatMap((stage) => {
			const found = baseImage(stage, facts);
			if (found === undefined || stage.base === undefined) return [];
			const {image, wanted} = found;
			if (image.os === wanted.os && image.architecture === wanted.architecture) return [];
			return [lint.basePlatform({source, span: stage.base.span}, stage.base.text, {found: image, wanted})];
		}),
};
