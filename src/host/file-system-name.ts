/** Names of file systems by the magic number of statfs(2) (linux/magic.h). */
const names: ReadonlyMap<number, string> = new Map([
	[0xef53, 'ext4'],
	[0x5846_5342, 'xfs'],
	[0x9123_683e, 'btrfs'],
	[0x0102_1994, 'tmpfs'],
	[0x794c_7630, 'overlayfs'],
	[0x6969, 'NFS'],
	[0x6573_5546, 'a FUSE file system'],
	[0x2fc1_2fc1, 'zfs'],
	[0xf2f5_2010, 'f2fs'],
	[0xca45_1a4e, 'bcachefs'],
	[0x0102_1997, '9p'],
	[0xff53_4d42, 'CIFS'],
	[0xfe53_4d42, 'SMB2'],
]);

export function fileSystemName(magic: number): string {
	return names.get(magic) ?? `a file system of type 0x${magic.toString(16)}`;
}
