/** How many RUN and COPY steps a build ran, by what each tool says in its plain progress. */
export const countSteps = {
	boxbuild: (output) => matches(output, /^\[.*\] (?:RUN|COPY) .* done in /gmv),
	buildah(output) {
		const steps = matches(output, /^(?:\[\d+\/\d+\] )?STEP \d+\/\d+: (?:RUN|COPY) /gmv);
		return steps - matches(output, /^--> Using cache /gmv) + cachedOthers(output);
	},
	buildkit(output) {
		const steps = new Set([...output.matchAll(/^#(\d+) \[.*\] (?:RUN|COPY) /gmv)].map(([, number]) => number));
		for (const [, number] of output.matchAll(/^#(\d+) CACHED$/gmv)) steps.delete(number);
		return steps.size;
	},
};

/** buildah tells of the cache for instructions without a layer, too. */
function cachedOthers(output) {
	return matches(output, /^(?:\[\d+\/\d+\] )?STEP \d+\/\d+: (?!RUN|COPY|FROM)[A-Z]+ .*\n--> Using cache /gmv);
}

function matches(text, pattern) {
	return [...text.matchAll(pattern)].length;
}
