import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import * as cli from '../../../src/diagnostics/cli.ts';
import {exportHostStage} from '../../../src/diagnostics/export-host.ts';
import {internalBug} from '../../../src/diagnostics/internal.ts';

export const samples: readonly Diagnostic[] = [
	cli.cliUsage('unknown option `--tagg`', 'run `boxbuild build --help` to see its arguments and options'),
	cli.cliNoBoxfile('app', ['Boxfile', 'Containerfile', 'Dockerfile']),
	cli.cliFileUnreadable('Boxfile.dev', 'EACCES'),
	cli.cliNotText('image.png'),
	cli.cliBadValue('--jobs', 'many', 'a whole number from 1'),
	cli.cliNoImage('debain', 'docker.io/library/debian:bookworm'),
	cli.cliNoPath('app', '/usr/bin/aap'),
	cli.cliNoPath('app', '/usr/bin/aap', '/usr/bin/app'),
	cli.cliInterrupted(),
	cli.cliBadConfig(
		{source: {name: 'config.yaml', text: 'drivr: overlay\n'}, span: {start: 0, end: 5}},
		'there is no key `drivr`',
		'did you mean `driver`?',
	),
	exportHostStage('build'),
	internalBug('Error: no layer 7 is pending'),
];
