import {stepProgramRunner} from './step-program-runner.ts';
import type {StepRunnerKind} from './step-runner.ts';

/** Every way to start steps, the best first. */
export const stepRunners: readonly [StepRunnerKind, ...StepRunnerKind[]] = [{name: 'step-program', open: stepProgramRunner}];
