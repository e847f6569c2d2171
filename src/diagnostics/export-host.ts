import type {Diagnostic} from './diagnostic.ts';

export function exportHostStage(stage: string): Diagnostic {
	return {
		code: 'export/host-stage',
		severity: 'error',
		message: `the stage \`${stage}\` cannot be an image`,
		because: ['it starts from `host`: its file system is this machine, not layers'],
		help: ['end the Boxfile with a stage like `FROM scratch` that copies what it needs with `COPY --from`'],
		data: {stage},
	};
}
