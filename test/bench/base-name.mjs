/** What the bases are called in every tool and in the Boxfiles of the workloads. */
export const baseNames = {
	debian: 'localhost/bench-debian:base',
	compiler: 'localhost/bench-compiler:base',
	node: 'localhost/bench-node:base',
};

/** A Debian minbase root file system: the base of most workloads. */
export const baseName = baseNames.debian;
