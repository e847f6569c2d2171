/** A phase that runs several times in a round: its samples are those of one phase. */
export function repeatPhase(times, phase) {
	return Array.from({length: times}, () => phase);
}
