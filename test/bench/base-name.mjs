/** What the base is called in every tool and in the Boxfiles of the workloads. */
export const baseName = 'localhost/bench-debian:base';
