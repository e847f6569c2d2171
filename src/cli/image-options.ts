import type {Command} from 'commander';
import {BuildError} from '../diagnostics/build-error.ts';
import {cliBadValue} from '../diagnostics/cli.ts';
import type {Platform} from '../oci/image-config.ts';
import {parsePlatform} from '../plan/platform.ts';

/** Options of every command that looks at an image of the store. */
export interface ImageFlags {
	readonly platform?: string;
	readonly store?: string;
}

/** Declares them. */
export function addImageOptions(command: Command): Command {
	return command
		.option('--platform <os/arch>', 'which image, when the name stands for several platforms (default: that of this machine)')
		.option('--store <directory>', 'where images, layers and caches are');
}

/** `--platform`: images of other systems than Linux can be looked at, too. */
export function imagePlatform(text: string | undefined): Platform | undefined {
	if (text === undefined) return undefined;
	const [, os = '', architecture = '', variant] = /^([a-z]+)\/([a-z0-9_]+)(?:\/([a-z0-9]+))?$/v.exec(text.toLowerCase()) ?? [];
	const linux = parsePlatform(text);
	if (linux !== undefined) return linux;
	if (architecture === '') throw new BuildError(cliBadValue('--platform', text, 'OS/ARCHITECTURE, such as linux/amd64'));
	return {os, architecture, ...(variant === undefined ? {} : {variant})};
}
