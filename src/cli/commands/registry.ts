import type {CommandEntry} from '../command.ts';

/** Every command; a command's code is loaded when it is called. */
export const commands: readonly CommandEntry[] = [
	{name: 'build', summary: 'build an image from a Boxfile', load: async () => (await import('./build.ts')).buildCommand},
	{
		name: 'check',
		summary: 'show all problems of a Boxfile and what the lint rules find',
		load: async () => (await import('./check.ts')).checkCommand,
	},
	{name: 'parse', summary: 'print the syntax tree of a Boxfile', load: async () => (await import('./parse.ts')).parseCommand},
	{
		name: 'import',
		summary: 'put a root file system or an image into the store',
		load: async () => (await import('./import.ts')).importCommand,
	},
	{name: 'pull', summary: 'get images from their registries', load: async () => (await import('./pull.ts')).pullCommand},
	{name: 'push', summary: 'put images into registries', load: async () => (await import('./push.ts')).pushCommand},
	{name: 'images', summary: 'list the images of the store', load: async () => (await import('./images.ts')).imagesCommand},
	{
		name: 'inspect',
		summary: 'show the configuration and layers of an image',
		load: async () => (await import('./inspect.ts')).inspectCommand,
	},
	{name: 'history', summary: 'show the steps that made an image', load: async () => (await import('./history.ts')).historyCommand},
	{name: 'ls', summary: 'list the files of an image', load: async () => (await import('./ls.ts')).lsCommand},
	{name: 'cat', summary: 'print a file of an image', load: async () => (await import('./cat.ts')).catCommand},
	{name: 'diff', summary: 'show what two images differ in', load: async () => (await import('./diff.ts')).diffCommand},
	{name: 'export', summary: 'write an image of the store to files', load: async () => (await import('./export.ts')).exportCommand},
	{name: 'tag', summary: 'give an image more names', load: async () => (await import('./tag.ts')).tagCommand},
	{
		name: 'sbom',
		summary: 'list the packages of an image, by layer, as SPDX or CycloneDX',
		load: async () => (await import('./sbom.ts')).sbomCommand,
	},
	{name: 'rm', summary: 'remove names of images from the store', load: async () => (await import('./rm.ts')).rmCommand},
	{name: 'prune', summary: 'delete what no image and no recent build uses', load: async () => (await import('./prune.ts')).pruneCommand},
	{
		name: 'doctor',
		summary: 'show what this machine allows and what will be used',
		load: async () => (await import('./doctor.ts')).doctorCommand,
	},
	{name: 'version', summary: 'print the version', load: async () => (await import('./version.ts')).versionCommand},
];
